from __future__ import annotations

import re

import pytest

import yololab
from yololab.errors import ConfigError, YololabError

STUDY = "experiments/bccd_cbam"


@pytest.fixture(scope="module")
def study():
    from pathlib import Path

    return yololab.Study(Path(__file__).parents[2] / STUDY)


def test_a_kept_study_gives_its_records_and_its_table(study):
    assert len(study.runs) == 4
    table = study.table(metrics=("mAP", "AP50"))
    assert [row["attention"] for row in table.rows] == ["none", "cbam"]
    assert table.rows[1]["mAP"] == pytest.approx(57.8, abs=0.05)
    assert str(table).startswith("| attention |")
    assert table.notes
    assert repr(study).endswith("4 runs)")


def test_two_rows_are_compared_by_their_choices(study):
    found = study.compare({"attention": "none"}, {"attention": "cbam"})
    assert re.fullmatch(r"[+-]\d+\.\d \[[+-]\d+\.\d, [+-]\d+\.\d\], p = [01]\.\d{3}: .+", str(found))
    back = study.compare({"attention": "cbam"}, {"attention": "none"})
    assert found.estimate.difference == pytest.approx(1.0, abs=0.05)
    assert back.estimate.difference == pytest.approx(-found.estimate.difference)
    assert found.shared_seeds == 2
    with pytest.raises(ConfigError, match="attention=gam: 0 rows are that; expected one of"):
        study.compare({"attention": "none"}, {"attention": "gam"})


def test_a_comparison_with_itself_or_with_nothing_is_refused(study):
    with pytest.raises(ConfigError, match="both are this row"):
        study.compare({"attention": "cbam"}, {"attention": "cbam"})
    for wrong in ({}, "attention=cbam"):
        with pytest.raises(ConfigError, match="expected the choices of a row"):
            study.compare(wrong, {"attention": "cbam"})
    assert study.table(metrics="mAP").rows


def test_pandas_gets_them_where_it_is(study):
    pytest.importorskip("pandas")
    assert study.to_pandas()["seed"].tolist() == [record.seed for record in study.runs]
    assert len(study.table().to_pandas()) == 2


def test_a_study_that_is_none_is_named(tmp_path):
    with pytest.raises(YololabError, match="no such study folder"):
        yololab.Study(tmp_path / "none")
    with pytest.raises(YololabError, match="no finished run yet"):
        yololab.Study(tmp_path).table()
    with pytest.raises(AttributeError, match="no attribute 'Stduy'"):
        _ = yololab.Stduy
