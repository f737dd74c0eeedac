"""Simulated detections: valid matches, plausible mAP, and no true difference."""

import numpy as np
import pytest

from yololab.statistics.bootstrap import replicate_metrics
from yololab.statistics.simulated import Chance, draw_images, draw_study


def maps(chance, rows, seeds, seed=0):
    generator = np.random.default_rng(seed)
    images = draw_images(generator)
    study = draw_study(images, rows, seeds, chance, generator)
    one = np.ones((1, images.num_images))
    return [[replicate_metrics(run, one, ("all",), 1).of("mAP")[0] for run in row.values()] for row in study.values()]


def test_maps_are_those_of_a_detector_that_works_and_errs():
    assert 0.3 < np.mean(maps(Chance(), rows=2, seeds=2)) < 0.8


def test_without_chance_all_runs_find_the_same_objects():
    found = np.array(maps(Chance(0.0, 0.0, 0.0), rows=3, seeds=2))
    assert np.ptp(found) < 0.02  # false positives are drawn for each run


def test_rows_do_not_differ_on_average():
    differences = [np.subtract(*np.mean(maps(Chance(), 2, 1, seed), axis=1)) for seed in range(60)]
    assert np.mean(differences) == pytest.approx(0, abs=4 * np.std(differences) / np.sqrt(60))
