"""Damaged files of one run: it is named, the others go on, and nothing ends in a traceback."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from command import yololab
from study.case import record

EVERYTHING = ("", "{}", "[]", "null", '"text"', "3", "NaN", "[" * 200_000, "9" * 6000, '{"a": ', "\x00\xff")
CHANGES = {
    "metrics": (None, [], {"mAP": "x"}, {"mAP": True}, {}, {"mAP": 10**400}),
    "curve": (3, None, [3], [{"epoch": "x"}], [{"epoch": 10**400}], [{"epoch": float("inf")}]),
    "seed": ("x", None, [], -1, 1.5),
    "choices": (None, [], {"a": 1}, {"attention": "\ud800"}),
    "science": (None, 3, {"recipe": 3}),
    "complexity": (None, [], {}, {"params_train": "x"}),
    "durations": (None, {}, {"total": "x", "epoch": 1}),
    "images": (3, {"train": "x", "val": 1}),
    "run_id": (3, None, [], "../../../etc/passwd", "r\n\\input{x}", "\x1b[2J"),
    "git": (None, []),
    "machine": (None, []),
    "libraries": (None, []),
    "pruned": (3, {"a": 1}),
    "final": (3, None, "elsewhere"),
    "classes": ({}, [3]),
    "per_class": ([], {"cat": 3}),
    "data_fingerprint": (None, 3),
    "overrides": (3, [3]),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A study of eight records."""
    folder = tmp_path_factory.mktemp("sound") / "s"
    crossed = [(a, n, seed) for a in ("none", "eca") for n in ("ciou", "siou") for seed in range(2)]
    for a, n, seed in crossed:
        one = record(seed, 0.5 + 0.05 * (a == "eca") + 0.01 * (n == "siou") + 0.01 * seed, attention=a, loss=n)
        path = folder / one.run_id
        path.mkdir(parents=True)
        one.write(path)
        (path / "config.yaml").write_text("study: {name: s}\nruntime: {root: runs}\n")
        (path / "spec.json").write_text(json.dumps({"choices": {}, "overrides": [f"seed={one.seed}"]}))
    return folder


@pytest.fixture
def study(sound, tmp_path):
    """A copy to break, and its first run's folder."""
    shutil.copytree(sound, tmp_path / "s")
    return tmp_path / "s"


def answers(study, run, commands=("status", "table", "records", "gc", "effects", "power", "diff", "benchmark")):
    """That every command ends with a word and without a traceback; those that list runs name the damaged one."""
    others = sorted(path.name for path in study.iterdir() if path.name.startswith("r") and path.name != run)
    for command in commands:
        words = [f"{study}/{run}", f"{study}/{others[0]}"] if command == "diff" else [study]
        done = yololab(command, *words, *(["--dry-run"] if command == "gc" else []), cwd=study.parent)
        assert "Traceback" not in done.stderr, (command, done.stderr[-1500:])
        assert done.returncode in (0, 1, 2)
        if command in ("status", "table"):
            assert done.returncode == 0
            assert run in done.stdout, (command, done.stdout)
            assert others[0] in done.stdout or command == "table"


@pytest.mark.parametrize("content", EVERYTHING, ids=lambda text: ascii(text[:8]))
def test_a_record_that_is_none_is_named_and_stops_no_other(study, content):
    run = sorted(path.name for path in study.iterdir())[0]
    (study / run / "results.json").write_bytes(content.encode("latin-1"))
    answers(study, run)


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in CHANGES.items() for value in values])
def test_a_record_with_a_wrong_part_is_named_and_stops_no_other(study, key, value):
    run = sorted(path.name for path in study.iterdir())[0]
    path = study / run / "results.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    answers(study, run, ("status", "table"))


@pytest.mark.parametrize("value", [2.5, -0.5, 1e308, float("inf")])
def test_a_score_that_none_can_have_is_named(study, value):
    run = sorted(path.name for path in study.iterdir())[0]
    path = study / run / "results.json"
    content = json.loads(path.read_text())
    content["metrics"]["mAP"] = value
    path.write_text(json.dumps(content))
    answers(study, run, ("status", "table"))


def test_two_folders_with_one_record_count_once(study):
    first, second = sorted(path for path in study.iterdir())[:2]
    shutil.copy(first / "results.json", second / "results.json")
    done = yololab("table", study)
    told = " ".join(done.stdout.split())
    assert done.returncode == 0
    assert f"the record of {first.name}, whose folder is beside it; left out" in told


def test_special_files_and_links_to_themselves_hold_nobody_up(study):
    first = sorted(path for path in study.iterdir())[0]
    (first / "results.json").unlink()
    os.mkfifo(first / "status.json")
    (first / "claims").symlink_to("claims")
    answers(study, first.name, ("status", "table", "gc"))
    (first / "status.json").unlink()
    (first / "status.json").symlink_to("/dev/zero")
    answers(study, first.name, ("status", "table"))


def test_a_run_without_its_configuration_is_still_seen(study):
    run = sorted(path.name for path in study.iterdir())[0]
    (study / run / "results.json").unlink()
    (study / run / "config.yaml").unlink()
    answers(study, run, ("status", "table"))


def test_a_folder_in_a_record_s_place_is_named(study):
    run = sorted(path.name for path in study.iterdir())[0]
    (study / run / "results.json").unlink()
    (study / run / "results.json").mkdir()
    answers(study, run)


STATUS = {"state": "running", "attempt": 1, "beats": 1, "error": {}}
OTHERS = {
    "status.json": [
        *EVERYTHING,
        *(json.dumps(STATUS | change) for change in (
            {"error": None}, {"error": 3}, {"error": {"message": 3}}, {"mAP": "x"}, {"attempt": "x"}, {"attempt": None},
            {"epoch": []}, {"owner": 3}, {"owner": {"host": "h", "namespace": "n", "pid": 10**30, "started": ""}},
        )),
    ],
    "spec.json": [*EVERYTHING, '{"overrides": 3}', '{"overrides": [3], "choices": {}}', '{"choices": {"a": 1}}'],
    "other_choices.json": [*EVERYTHING, "[3]", "[[]]", "[null]", '[{"a": 1}]'],
    "config.yaml": ["", "[]", "- 1", "runtime: 3", "a: [", "!!python/object/apply:os.system [x]"],
    "claims": ["a file"],
    "claims/1": [*EVERYTHING, json.dumps({"host": "[/red]", "namespace": "\x1b[2J", "pid": 1, "started": ""})],
    "claims/\u00b2": [""],
    "matches.npz": ["", "text", "PK\x03\x04"],
    "seal.json": [*EVERYTHING],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"), [(n, c) for n, cs in OTHERS.items() for c in cs], ids=lambda text: ascii(text[:12])
)
@pytest.mark.parametrize("is_done", [True, False])
def test_other_damaged_files_stop_nothing(study, name, content, is_done):
    run = sorted(path.name for path in study.iterdir())[0]
    path = study / run / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode("latin-1"))
    if not is_done:
        (study / run / "results.json").unlink()
    commands = ("status", "table", "effects")
    for command in commands:
        done = yololab(command, study, cwd=study.parent)
        assert "Traceback" not in done.stderr, (command, done.stderr[-1500:])
        assert done.returncode == 0, (command, done.stderr)


@pytest.mark.parametrize("content", ["", "text", "PK\x03\x04"])
def test_damaged_matches_are_named_since_intervals_change_without_them(study, content):
    folders = sorted(path for path in study.iterdir() if path.name.startswith("r"))
    for folder in folders:
        (folder / "matches.npz").write_bytes(content.encode("latin-1"))
    done = yololab("table", study, cwd=study.parent)
    assert done.returncode == 0, done.stderr
    said = "".join(done.stdout.split())
    assert "noreadablematches" in said
    assert "intervalscoverseedsalone" in said
    assert folders[0].name in said


PLANS = ('{"entries": [3]}', '{"entries": [null]}', '{"entries": "ab"}', '{"entries": [{}]}', '{"entries": {}}')
LOOKS = ('[{"time": 3}]', '["time"]', "3", '[{"time": "2026", "runs": "x"}]')


@pytest.mark.parametrize(
    ("name", "content"),
    [*(("plan.json", c) for c in (*EVERYTHING, *PLANS)), *(("looks.json", c) for c in LOOKS)],
    ids=lambda text: ascii(text[:12]),
)
def test_a_damaged_plan_is_told_and_stops_nothing(study, name, content):
    (study / name).write_bytes(content.encode("latin-1"))
    for command in ("status", "table", "verify", "effects"):
        done = yololab(command, study, cwd=study.parent)
        assert "Traceback" not in done.stderr, (command, done.stderr[-1500:])


def test_a_plan_that_is_well_hashed_and_wrong_is_told_too(study):
    from yololab.study.registration import HASH, entry_hash

    entry = {"time": "2026-01-01", "question": None, "runs": 3, "begun": None, "previous": None}
    (study / "plan.json").write_text(json.dumps({"entries": [{**entry, HASH: entry_hash(entry)}]}))
    for command in ("table", "verify"):
        done = yololab(command, study, cwd=study.parent)
        assert "Traceback" not in done.stderr
