from __future__ import annotations

from study.case import record
from yololab.study.output import write_study
from yololab.study.records import read_records


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


def test_a_study_is_read_from_its_folders_and_its_files_written(tmp_path):
    folder = write(tmp_path / "s", study())
    assert sorted(r.run_id for r in read_records(folder)) == sorted(r.run_id for r in study())
    assert write_study(folder) is not None
    assert {"table.md", "table.csv", "table.json"} <= {path.name for path in folder.iterdir()}
    assert (folder / "figure.png").stat().st_size > 5000
    assert not list(folder.rglob("*.tmp"))
