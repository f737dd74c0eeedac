from __future__ import annotations

import os

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


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10)
)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 50_000, BOMB, "extra: &x [*x]\n", "a: 1\n" * 1_000_000])
def test_a_configuration_that_would_crash_or_never_end_is_refused(tmp_path, text):
    (tmp_path / "config.yaml").write_text(text)
    (tmp_path / "spec.json").write_text('{"choices": {}, "overrides": []}')
    with pytest.raises(YololabError, match="its configuration cannot be read"):
        read_spec(tmp_path)


def test_a_pipe_or_a_device_is_no_configuration(tmp_path):
    os.mkfifo(tmp_path / "config.yaml")
    with pytest.raises(YololabError, match="not a regular file"):
        read_spec(tmp_path)
    (tmp_path / "config.yaml").unlink()
    (tmp_path / "config.yaml").symlink_to("/dev/zero")
    with pytest.raises(YololabError, match="not a regular file"):
        read_spec(tmp_path)
