from __future__ import annotations

from yololab.serve.live_page import live_page


def test_the_page_may_ask_its_own_server_and_nobody_else():
    page = live_page("<study>")
    assert "connect-src 'self'" in page
    assert "img-src 'self' data:" in page
    assert "&lt;study&gt;" in page
    assert "innerHTML" not in page
