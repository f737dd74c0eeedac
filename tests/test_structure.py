"""The same folders stand in conf/, src/yololab/ and tests/; every choice of every group builds."""

from __future__ import annotations

from pathlib import Path

import pytest

import yololab
from yololab.config.compose import compose
from yololab.config.place import conf_dir

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "yololab"
GROUP_FOLDERS = {
    "attention": "attention",
    "block": "blocks",
    "head": "heads",
    "assigner": "assigners",
    "loss": "losses",
    "data": "data",
    "tracker": "trackers",
    "recipe": "training",
}
NO_TESTS_OF_THEIR_OWN = {"trackers"}


def choices(group):
    return sorted(path.stem for path in (conf_dir() / group).glob("*.yaml") if path.stem != "base")


@pytest.mark.parametrize(("group", "folder"), GROUP_FOLDERS.items())
def test_a_group_has_a_source_folder_and_tests(group, folder):
    assert choices(group), f"conf/{group} is empty"
    assert (SOURCE / folder / "__init__.py").is_file()
    assert folder in NO_TESTS_OF_THEIR_OWN or list((ROOT / "tests" / folder).glob("test_*.py"))


def test_every_source_folder_has_tests():
    folders = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").is_file()} - NO_TESTS_OF_THEIR_OWN
    assert {folder for folder in folders if not list((ROOT / "tests" / folder).glob("test_*.py"))} == set()


GROUPS = (
    "task",
    "model",
    "attention",
    "insert_pos",
    "block",
    "scale",
    "head",
    "loss",
    "assigner",
    "recipe",
    "trainer",
    "tracker",
)


@pytest.mark.parametrize(
    ("group", "choice"),
    [(group, choice) for group in GROUPS for choice in choices(group) if (group, choice) != ("scale", "full")],
)
def test_every_choice_composes_and_builds(group, choice):
    overrides = [f"{group}={choice}", "num_classes=3"]
    if group == "insert_pos":
        overrides.append("attention=eca")
    if choice == "dual_ddetect":
        overrides.append("model=yolov9")
    assert yololab.build(overrides, device="meta").num_classes == 3


@pytest.mark.parametrize("name", choices("experiment"))
def test_every_experiment_composes(name):
    assert compose([f"experiment={name}"])["study"]["name"] == name


def test_no_source_file_is_long():
    long = {path.name: n for path in SOURCE.rglob("*.py") if (n := len(path.read_text().splitlines())) > 350}
    assert long == {}
