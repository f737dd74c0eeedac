from __future__ import annotations

import json

import pytest

from command import yololab


@pytest.fixture(scope="module")
def certified(place, run_ids, tmp_path_factory):
    path = tmp_path_factory.mktemp("certified") / "c.json"
    return yololab("certify", f"smoke/{run_ids[0]}", "--out", path, cwd=place), path


def test_a_repeated_run_is_signed_and_anybody_verifies_it(certified, tmp_path):
    done, path = certified
    assert done.returncode == 0, done.stderr[-2000:]
    assert "bit-identical (+0.000 mAP)" in done.stdout
    verified = yololab("verify", path, cwd=tmp_path)
    assert verified.returncode == 0
    key = json.loads(path.read_text())["public_key"]
    assert f"signed by {key}" in verified.stdout.replace("\n", "")
    assert yololab("verify", path, "--key", key, cwd=tmp_path).returncode == 0
    assert yololab("verify", path, "--key", "another", cwd=tmp_path).returncode == 2


def test_a_changed_certificate_does_not_verify(certified, tmp_path):
    content = json.loads(certified[1].read_text())
    content["run"] = "r0123456789"
    (tmp_path / "c.json").write_text(json.dumps(content))
    done = yololab("verify", tmp_path / "c.json")
    assert done.returncode == 2
    assert "changed after it was signed" in done.stderr


def test_one_run_and_a_file_to_write_are_needed(place, run_ids, tmp_path):
    assert "name one run" in yololab("certify", *run_ids, cwd=place).stderr
    assert "--out" in yololab("certify", run_ids[0], "--out", tmp_path, cwd=place).stderr
