"""What a crossed study says of its factors."""

from __future__ import annotations

import itertools
import json

import pytest

from study.case import record
from yololab.errors import YololabError
from yololab.study.effects import effects_of, rows_of, to_json, to_markdown


def crossed(interaction=0.0):
    """attention=eca gives 4 points, loss=siou 1, both together `interaction` more; two seeds with a little noise."""
    found = []
    for a, b, seed in itertools.product((0, 1), (0, 1), (0, 1)):
        score = 0.5 + 0.04 * a + 0.01 * b + interaction * a * b + 0.001 * (seed * (1 + a + 2 * b) % 3)
        found.append(record(seed, score, attention=("none", "eca")[a], loss=("ciou", "siou")[b]))
    return found


def test_main_effects_are_differences_of_marginal_means():
    found = {e.estimate.name: e.estimate.difference for e in effects_of(crossed()).factorial.effects}
    assert found["attention=eca"] == pytest.approx(4, abs=0.15)
    assert found["loss=siou"] == pytest.approx(1, abs=0.15)
    assert found["attention=eca x loss=siou"] == pytest.approx(0, abs=0.3)


def test_an_interaction_is_a_difference_of_differences():
    found = {e.estimate.name: e.estimate.difference for e in effects_of(crossed(0.02)).factorial.effects}
    assert found["attention=eca x loss=siou"] == pytest.approx(2, abs=0.3)


def test_one_factor_is_refused_with_what_was_found():
    with pytest.raises(YololabError, match="expected at least two crossed factors, found attention"):
        effects_of([record(0, 0.5, attention=a) for a in ("none", "eca", "cbam")])


def test_effects_are_written_for_people_and_for_programs():
    effects = effects_of(crossed())
    assert len(rows_of(effects)) == 3
    assert to_markdown(effects).splitlines()[0] == "| effect | Δ mAP (95% CI) | p | cannot be told from |"
    content = json.loads(to_json(effects))
    assert {mean["level"] for mean in content["marginal_means"]} == {"none", "eca", "ciou", "siou"}
