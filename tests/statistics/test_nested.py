"""Seeds and images together: each source is counted, and what both see is counted once."""

import math

import numpy as np
import pytest

from coco_case import coco_case
from yololab.errors import DataError
from yololab.statistics.blocks import fit_blocks
from yololab.statistics.bootstrap import image_weights, replicate_metrics
from yololab.statistics.contrasts import differences_to, estimate_contrasts
from yololab.statistics.matcher import match_detections
from yololab.statistics.nested import ImageReplicates, estimate_nested, replicate_study

IMAGES = 150


def study(rng, seed_sd=0.0, image_sd=0.0, shared_sd=0.0, rows=2, seeds=3, replicates=200):
    """Mean of per-image scores: their bootstrap is a weighted mean, their variances known."""
    weights = rng.multinomial(IMAGES, np.full(IMAGES, 1 / IMAGES), size=replicates) / IMAGES
    runs = {}
    for row in range(rows):
        of_row = image_sd * rng.normal(size=IMAGES)
        runs[f"r{row}"] = {}
        for seed in range(seeds):
            scores = seed_sd * rng.normal() + of_row + shared_sd * rng.normal(size=IMAGES)
            runs[f"r{row}"][seed] = ImageReplicates(float(scores.mean()), weights @ scores)
    return runs


def one(runs):
    (found,) = estimate_nested(runs, differences_to(list(runs), "r0"), IMAGES)
    return found


def mean_variance(**kinds):
    rng = np.random.default_rng(0)
    return np.mean([one(study(rng, **kinds)).estimate.standard_error ** 2 for _ in range(60)])


def test_seeds_alone_are_the_block_fit():
    runs = study(np.random.default_rng(1), seed_sd=1.0)
    values = {row: {seed: run.value for seed, run in found.items()} for row, found in runs.items()}
    (expected,) = estimate_contrasts(fit_blocks(values), differences_to(list(values), "r0"))
    found = one(runs)
    assert found.estimate.low == pytest.approx(expected.low, rel=1e-6)
    assert found.estimate.df == pytest.approx(expected.df)
    assert found.image_variance == pytest.approx(0.0, abs=1e-20)


def test_each_source_alone_and_both_together_have_their_true_variance():
    seeds, images = 2 * 0.1**2 / 3, 2 * 1.0**2 / IMAGES
    assert mean_variance(seed_sd=0.1) == pytest.approx(seeds, rel=0.35)
    assert mean_variance(image_sd=1.0) == pytest.approx(images, rel=0.15)
    assert mean_variance(seed_sd=0.1, image_sd=1.0) == pytest.approx(seeds + images, rel=0.2)


def test_what_seeds_and_images_both_see_is_counted_once():
    shared = 2 * 1.0**2 / IMAGES / 3
    assert mean_variance(shared_sd=1.0) == pytest.approx(shared, rel=0.25)  # the plain sum has twice that


def test_one_seed_covers_the_images_only_and_says_so():
    found = one(study(np.random.default_rng(2), image_sd=1.0, seeds=1))
    assert "images only" in found.estimate.note
    assert math.isnan(found.seed_variance)
    assert found.estimate.standard_error == pytest.approx(math.sqrt(found.image_variance))


def test_without_any_variance_there_is_no_p():
    runs = {row: {0: ImageReplicates(1.0, np.ones(9)), 1: ImageReplicates(2.0, np.ones(9))} for row in ("r0", "r1")}
    assert math.isnan(one(runs).estimate.p_value)
    assert "no evidence" in one(runs).estimate.note


def test_degrees_of_freedom_lie_between_those_of_the_parts():
    found = one(study(np.random.default_rng(5), seed_sd=0.1, image_sd=1.0)).estimate
    assert 2 < found.df < IMAGES - 1
    seeds_only = one(study(np.random.default_rng(5), seed_sd=1.0, image_sd=1e-6)).estimate
    assert seeds_only.df == pytest.approx(2, rel=1e-3)


def test_a_missing_run_is_no_obstacle():
    runs = study(np.random.default_rng(3), seed_sd=0.1, image_sd=1.0, rows=3)
    del runs["r2"][1]
    first, second = estimate_nested(runs, differences_to(list(runs), "r0"), IMAGES)
    assert second.seed_variance > first.seed_variance


def test_runs_in_memory_and_in_files_give_the_same_replicates(tmp_path):
    matches = match_detections(*coco_case(2))
    matches.save(tmp_path / "matches.npz")
    weights = image_weights(40, 6, np.random.default_rng(0))
    found = replicate_study({"a": {0: matches}, "b": {0: tmp_path / "matches.npz"}}, weights, "mAP_small")
    expected = replicate_metrics(matches, weights).of("mAP_small")
    for row in ("a", "b"):
        assert found[row][0].value == expected[0]
        assert found[row][0].replicates.tolist() == expected[1:].tolist()


def test_replicates_must_be_as_many_and_defined():
    runs = study(np.random.default_rng(4), seed_sd=1.0)
    short = {**runs, "r1": {0: ImageReplicates(0.0, np.zeros(3))}}
    with pytest.raises(DataError, match=r"as many replicates of every run, and at least 2; found \[3, 200\]"):
        one(short)
    empty = {**runs, "r1": {0: ImageReplicates(0.0, np.full(200, np.nan))}}
    with pytest.raises(DataError, match="too few images"):
        one(empty)
