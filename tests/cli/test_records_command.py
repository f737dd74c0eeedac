from __future__ import annotations

import pytest

from command import yololab


def test_all_records_of_a_study_become_one_file(place, run_ids, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "all.parquet"
    done = yololab("records", "smoke", "--output", path, cwd=place)
    assert done.returncode == 0, done.stderr
    assert "2 records" in done.stdout
    assert sorted(parquet.read_table(path).column("run_id").to_pylist()) == run_ids


def test_a_study_without_records_is_said_so(tmp_path):
    done = yololab("records", tmp_path)
    assert done.returncode == 2
    assert "no finished run yet" in done.stderr
