"""Detectors that the tests of inference share; nobody changes them."""

from __future__ import annotations

import pytest

from yololab.config.compose import compose
from yololab.inference.load import load
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.start import run

SMOKE = ["experiment=smoke", "tracker=none", "recipe.epochs=1", "runtime.progress=false"]


def trained(root, *overrides):
    """The folder of a finished run of the smallest experiment."""
    record = run(RunSpec(compose([*SMOKE, f"runtime.root={root}", *overrides]), {}, []))
    return RunFolder(root / record.study / record.run_id)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Of a run that predicts boxes."""
    return trained(tmp_path_factory.mktemp("boxes"))


@pytest.fixture(scope="session")
def masks_folder(tmp_path_factory):
    """Of a run that predicts masks."""
    return trained(tmp_path_factory.mktemp("masks"), "task=segment")


@pytest.fixture(scope="session")
def loaded(folder):
    """Its detector on the CPU."""
    return load(folder.path, device="cpu")


@pytest.fixture(scope="session")
def with_masks(masks_folder):
    """Its detector on the CPU."""
    return load(masks_folder.path, device="cpu")
