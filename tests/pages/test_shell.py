from __future__ import annotations

import base64
import hashlib
import re

from yololab.pages.shell import to_page


def test_only_the_page_s_own_script_may_run_and_nothing_comes_from_elsewhere():
    script = "document.title = 'x';"
    page = to_page("a <b> & c", "study", "<p>body</p>", "p{color:red}", script)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1)
    assert policy == f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    assert "<title>a &lt;b&gt; &amp; c: study</title>" in page
    assert "p{color:red}</style>" in page
    assert page.count("<script>") == 1
    assert not re.search(r"https?://|//[a-z]", page)


def test_without_a_script_none_may_run():
    page = to_page("x", "data report", "")
    assert "script" not in page
