from __future__ import annotations

import json

from command import yololab
from study.case import record


def test_effects_are_printed_for_programs_and_one_factor_is_refused(tmp_path):
    study = tmp_path / "runs" / "s"
    for a in (0, 1):
        for b in (0, 1):
            for seed in (0, 1):
                one = record(seed, 0.5 + a / 20 + seed * (a + 2 * b) / 900, attention=("none", "eca")[a], loss="cs"[b])
                (study / one.run_id).mkdir(parents=True)
                one.write(study / one.run_id)
    found = json.loads(yololab("effects", study, "--format", "json").stdout)
    assert {effect["name"] for effect in found["effects"]} >= {"attention=eca", "loss=s"}
    for path in study.iterdir():
        if '"loss": "s"' in (path / "results.json").read_text():
            (path / "results.json").unlink()
    refused = yololab("effects", study)
    assert refused.returncode == 2
    assert "expected at least two crossed factors" in refused.stderr
