"""Replicates over images: the data set first, the same images for both runs, intervals around differences."""

import numpy as np
import pytest

from coco_case import coco_case, evaluated
from yololab.errors import ConfigError, DataError
from yololab.statistics.bootstrap import image_weights, paired_bootstrap, replicate_metrics
from yololab.statistics.matcher import match_detections


def test_weights_are_draws_of_as_many_images_and_the_first_is_the_data_set():
    weights = image_weights(12, 5, np.random.default_rng(0))
    assert weights.shape == (6, 12)
    assert (weights.sum(axis=1) == 12).all()
    assert (weights[0] == 1).all()


def test_the_first_replicate_is_what_coco_summarises():
    truth, detections = coco_case(2)
    weights = image_weights(40, 60, np.random.default_rng(0))
    found = replicate_metrics(match_detections(truth, detections), weights)
    names = ("mAP", "mAP50", "mAP75", "mAP_small", "mAP_medium", "mAP_large")
    assert [found.of(name)[0] for name in names] == pytest.approx(evaluated(truth, detections).stats[:6], abs=1e-9)
    assert np.isnan(found.of("AP/5")).all()
    assert np.nanmean([found.of(f"AP/{category}")[0] for category in range(1, 6)]) == pytest.approx(found.of("mAP")[0])


def test_threads_change_nothing():
    matches = match_detections(*coco_case(3))
    weights = image_weights(40, 120, np.random.default_rng(0))
    one, two = (replicate_metrics(matches, weights, threads=threads).values for threads in (1, 2))
    assert np.array_equal(one, two, equal_nan=True)


def test_a_run_against_itself_differs_by_nothing_and_noise_against_it_by_less():
    truth, detections = coco_case(0, num_images=120)
    first = match_detections(truth, detections)
    moved = detections.copy()
    moved[:, 1] += np.random.default_rng(0).normal(0, 0.2, len(moved))
    same = {interval.name: interval for interval in paired_bootstrap(first, first, replicates=50)}
    near = {interval.name: interval for interval in paired_bootstrap(match_detections(truth, moved), first, 200)}
    alone = replicate_metrics(first, image_weights(120, 200, np.random.default_rng(0)))
    assert (same["mAP"].difference, same["mAP"].low, same["mAP"].high) == (0.0, 0.0, 0.0)
    assert near["mAP"].low < near["mAP"].difference < near["mAP"].high
    assert near["mAP"].standard_error < 0.5 * alone.of("mAP")[1:].std()
    assert "AP/5" not in near


def test_weights_of_another_data_set_and_unknown_metrics_are_refused():
    matches = match_detections(*coco_case())
    with pytest.raises(DataError, match="weights for 39 images, but the run was matched on 40"):
        replicate_metrics(matches, np.ones((1, 39)))
    with pytest.raises(ConfigError, match="did you mean 'mAP50'"):
        replicate_metrics(matches, np.ones((1, 40))).of("map50")
    with pytest.raises(DataError, match="needs images"):
        image_weights(0, 3, np.random.default_rng(0))
    truth, detections = coco_case()
    renamed = {**truth, "categories": truth["categories"] + [{"id": 9, "name": "new"}]}
    with pytest.raises(DataError, match="same classes"):
        paired_bootstrap(matches, match_detections(renamed, detections), replicates=2)
