from __future__ import annotations

import pytest

from yololab.errors import UntrustedError, YololabError
from yololab.run.spec import RunSpec, allowed, read_details, read_spec, write_spec


def test_what_is_written_is_read_and_damage_is_told(tmp_path):
    write_spec(tmp_path, RunSpec({"runtime": {"trust": []}}, {"a": "b"}, ["seed=1"]))
    assert read_spec(tmp_path).overrides == ["seed=1"]
    assert read_details(tmp_path) == (["seed=1"], {"a": "b"})
    (tmp_path / "spec.json").write_text('{"overrides": 3}')
    assert read_details(tmp_path) == ([], {})
    with pytest.raises(YololabError, match="cannot be read"):
        read_spec(tmp_path)


def test_foreign_code_is_shown(tmp_path):
    config = {"runtime": {"trust": []}, "data": {"_target_": "os.Mine"}}
    with pytest.raises(UntrustedError, match="import os"):
        allowed(config, tmp_path)
    assert allowed(config, tmp_path, trust=True)["runtime"]["trust"] == ["os"]
