"""A finished study that the commands are tried on."""

from __future__ import annotations

import pytest

from command import SMOKE, yololab


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """A folder with a finished study of two runs under runs/; nobody changes it."""
    folder = tmp_path_factory.mktemp("place")
    done = yololab("train", "-m", *SMOKE, "seed=0,1", cwd=folder)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


@pytest.fixture(scope="session")
def run_ids(place):
    """Ids of the two runs."""
    return sorted(path.parent.name for path in (place / "runs" / "smoke").glob("*/results.json"))
