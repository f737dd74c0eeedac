from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

from study.case import record
from yololab.study.table import build_table
from yololab.study.table_notes import _shares


def notes(records):
    return " ".join(build_table(records).notes)


def study(**changes):
    return [
        replace(record(s, 0.5 + i / 10 + s * (i + 1) / 100, attention=a), **changes)
        for i, a in enumerate(("none", "cbam"))
        for s in (0, 1, 2)
    ]


def test_notes_name_split_images_seeds_test_correction_and_commit():
    text = notes(study(git={"commit": "0123456789", "dirty": None}))
    for part in ("validation split", "3 seeds, 5 validation images", "Dunnett", "sign-flip", "Commit 0123456."):
        assert part in text


def test_final_numbers_from_the_test_split_are_named_so():
    text = notes(study(final="test", images={"train": 10, "val": 5, "test": 7}))
    assert "test split" in text
    assert "7 test images" in text


def test_a_widened_baseline_says_how_closely_it_matches():
    assert "match=gflops: 5.2 wanted." in notes(study(remarks=["match=gflops: 5.2 wanted"]))


def test_the_two_sources_of_chance_are_told_apart():
    row = SimpleNamespace(label="attention=cbam")
    both = SimpleNamespace(seed_variance=1.0, image_variance=3.0)
    none = SimpleNamespace(seed_variance=math.nan, image_variance=math.nan)
    told = _shares([row, row], SimpleNamespace(differences={1: both}))
    assert told == ["Of the variance of Δ, training (seeds) has attention=cbam 25%; the rest is the choice of images."]
    assert _shares([row, row], SimpleNamespace(differences={1: none})) == []
