from __future__ import annotations

import numpy as np
import pytest

from study.case import record
from yololab.errors import YololabError
from yololab.report.contents import Contents, read_contents
from yololab.run.diagnosis import KINDS, Diagnosis
from yololab.study.table import Question, build_table


def contents(records, **question):
    return Contents("demo", build_table(records, Question(**question)))


def curve(*values):
    return [{"epoch": float(epoch), "val/mAP": value} for epoch, value in enumerate(values)]


def test_numbers_are_those_of_the_table_in_percent():
    scores = {"none": (0.50, 0.52, 0.51), "cbam": (0.60, 0.61, 0.62)}
    records = [
        record(seed, score, curve=curve(0.1, score), attention=name)
        for name, own in scores.items()
        for seed, score in enumerate(own)
    ]
    found = contents(records, smallest_effect=1.0)
    [effect] = found.effects()
    assert (effect.name, effect.verdict) == ("cbam", "better")
    assert effect.difference == pytest.approx(10.0)
    assert effect.low < 10 < effect.high
    assert found.tally() == {"better": 1}
    points = {point.name: (point.cost, point.score) for point in found.points("params_train")}
    assert points == {"none": (1000.0, pytest.approx(51.0)), "cbam": (1000.0, pytest.approx(61.0))}
    assert found.curves()[0].seeds[0] == {1: pytest.approx(10.0), 2: pytest.approx(50.0)}
    assert len(found.records) == 6
    assert found.surroundings()["commit"] == ["c0"]


def test_a_study_without_a_finished_run_has_no_page(tmp_path):
    with pytest.raises(YololabError, match="no finished run yet"):
        read_contents(tmp_path)


def test_errors_and_confusions_are_those_that_runs_kept(tmp_path):
    records = [record(seed, 0.5, attention=name) for name in ("none", "eca") for seed in (0, 1)]
    for place, one in enumerate(records[:3]):
        (tmp_path / one.run_id).mkdir()
        costs = dict.fromkeys(KINDS, 0.0) | {"Loc": 0.01 * (place + 1)}
        Diagnosis(("a",), np.full((2, 2), place + 1), costs, dict.fromkeys(KINDS, 0)).write(tmp_path / one.run_id)
    (tmp_path / records[3].run_id).mkdir()
    (tmp_path / records[3].run_id / "diagnosis.json").write_text("{")  # damaged: left out
    found = Contents("demo", build_table(records, Question()), tmp_path)
    errors = found.errors()
    assert [values[errors.parts.index("Loc")] for values in errors.rows.values()] == pytest.approx([1.5, 3.0])
    assert [counts[0, 0] for _, counts in found.confusions().values()] == [3, 3]
    assert [f"{records[3].run_id}/diagnosis.json: no readable diagnosis" in text for text in found.warnings] == [True]


def test_crossed_factors_have_effects_and_one_factor_has_none():
    assert (
        contents([record(seed, 0.5, attention=name) for name in ("none", "eca") for seed in (0, 1)]).factor_effects()
        == []
    )


def test_effects_of_crossed_factors_are_those_of_the_statistics(tmp_path):
    for attention in ("none", "eca"):
        for loss in ("ciou", "siou"):
            for seed in (0, 1, 2):
                score = 0.5 + 0.1 * (attention == "eca") + 0.02 * (loss == "siou") + 0.001 * seed
                one = record(seed, score, attention=attention, loss=loss)
                (tmp_path / one.run_id).mkdir()
                one.write(tmp_path / one.run_id)
    found = {effect.name: effect for effect in read_contents(tmp_path).factor_effects()}
    assert found["attention=eca"].difference == pytest.approx(10.0)
    assert found["loss=siou"].difference == pytest.approx(2.0)
    assert len(found) == 3
