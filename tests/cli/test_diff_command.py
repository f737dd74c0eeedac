from __future__ import annotations

import json

from command import yololab


def test_diff_says_what_differs(place, run_ids):
    first, second = run_ids
    found = json.loads(yololab("diff", f"smoke/{first}", f"smoke/{second}", "--json", cwd=place).stdout)
    assert {d["key"] for d in found if d["part"] == "configuration"} == {"seed"}
    assert not [d for d in found if d["part"] == "environment"]
    assert "no difference" in yololab("diff", f"smoke/{first}", f"smoke/{first}", cwd=place).stdout
