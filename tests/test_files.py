from __future__ import annotations

import json
import math
import os
import subprocess
import sys

import pytest

from yololab.errors import ConfigError
from yololab.files import content_hash, is_alive, read_json, remove_temporaries, whole_file, write_text


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def fail_half_way():
        with whole_file(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["a.txt"]


def gone():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_only_what_dead_processes_left_is_removed(tmp_path):
    dead, living = tmp_path / f".a.{gone()}.tmp", tmp_path / f".a.{os.getpid()}.tmp"
    other = tmp_path / "a.tmp"
    for path in (dead, living, other):
        path.touch()
    remove_temporaries(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([living, other])


def test_a_process_lives_until_it_has_ended_a_zombie_does_not():
    assert is_alive(os.getpid())
    assert not is_alive(gone())
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(process.pid)
    process.wait()


def test_a_file_counts_by_its_content_wherever_it_lies(tmp_path):
    for name, text in (("a", "same"), ("b", "same"), ("c", "other")):
        (tmp_path / name).write_text(text)
    hashes = [content_hash(str(tmp_path / name)) for name in "abc"]
    assert hashes[0] == hashes[1] != hashes[2]
    with pytest.raises(ConfigError, match=r"weights=/no/such.pt: cannot be read: No such file"):
        content_hash("/no/such.pt")


def test_pipes_devices_folders_and_endless_numbers_are_no_json(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "large").write_text("[" + "9" * 401 + "]")
    for name in ("pipe", "zero", "large"):
        with pytest.raises(ValueError, match="regular file|401 digits"):
            read_json(tmp_path / name)
    with pytest.raises(IsADirectoryError):
        read_json(tmp_path)


@pytest.mark.parametrize("number", [2**63, 2**64, -(2**63) - 1, -(10**19), 123456789012345678901234567890])
def test_whole_numbers_stay_whole_however_large(number, tmp_path):
    (tmp_path / "x.json").write_text(json.dumps({"n": number}))
    found = read_json(tmp_path / "x.json")["n"]
    assert type(found) is int
    assert found == number


def test_what_json_does_not_have_but_earlier_versions_wrote_still_reads(tmp_path):
    (tmp_path / "x.json").write_text('{"a": NaN, "b": Infinity, "c": "\\ud800"}')
    found = read_json(tmp_path / "x.json")
    assert math.isnan(found["a"])
    assert math.isinf(found["b"])
    assert found["c"] == "\ud800"
