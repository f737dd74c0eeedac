from __future__ import annotations

import dataclasses

import pytest

from study.case import record
from yololab.errors import YololabError
from yololab.study.records import read_records, sample_of_records


def study():
    return [
        record(0, 0.50, attention="none"),
        record(1, 0.54, attention="none"),
        record(0, 0.55, attention="cbam"),
        record(1, 0.57, attention="cbam"),
    ]


def write(folder, records):
    for one in records:
        path = folder / one.run_id
        path.mkdir(parents=True)
        one.write(path)
    return folder


def test_a_broken_record_says_which_and_what_to_do(tmp_path):
    folder = write(tmp_path / "s", study()[:1])
    next(folder.rglob("results.json")).write_text("{")
    with pytest.raises(YololabError, match=r"results.json: not a readable run record.*remove the file to run it again"):
        read_records(folder)


def test_a_folder_that_is_no_study_says_what_was_expected(tmp_path):
    with pytest.raises(YololabError, match=r"no such study folder; expected runs/<study>"):
        read_records(tmp_path / "x")


def test_a_sample_is_of_finished_runs_wherever_they_stand(tmp_path):
    for number in range(50):
        (tmp_path / f"r{number:010x}").mkdir()
    for number, seed in ((30, 0), (40, 1), (45, 2)):
        one = dataclasses.replace(record(seed), run_id=f"r{number:010x}")
        one.write(tmp_path / one.run_id)
    assert [one.seed for one in sample_of_records(tmp_path, 2)] == [0, 1]
