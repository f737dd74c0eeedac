from __future__ import annotations

import json

from command import SMOKE, yololab


def test_plan_as_json_knows_what_is_done(place):
    done = yololab("plan", *SMOKE, "--json", "seed=0,1,2", cwd=place)
    content = json.loads(done.stdout)
    assert content["counts"] == {"done": 2, "new": 1}
    assert [run["seconds"] == 0 for run in content["runs"]] == [True, True, False]
    assert "the median of 2 finished runs" in content["speed"]["source"]
