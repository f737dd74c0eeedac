"""Options and folders that all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import timing

SHARED = Path(__file__).parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden-dir",
        type=Path,
        action="append",
        help=f"folder with cases.json of the reference systems; may be given several times [golden* of {SHARED}]",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.option.golden_by_default = config.option.golden_dir is None
    if config.option.golden_dir is None:  # as a default of the option it would stay in the list of those given
        config.option.golden_dir = [SHARED / "golden", SHARED / "golden2"]


@pytest.fixture(scope="session")
def bccd() -> Path:
    """The BCCD data set: $YOLOLAB_BCCD, or beside the checkout."""
    folder = Path(os.environ.get("YOLOLAB_BCCD", SHARED / "data" / "bccd"))
    if not (folder / "ImageSets").is_dir():
        pytest.skip(f"BCCD is not at {folder}; set YOLOLAB_BCCD")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _own_state_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What yololab keeps of a user is kept for the tests elsewhere."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(autouse=True)
def _environment_as_it_was() -> Iterator[None]:
    """A command that a test calls as a function changes the environment for what it starts, not for later tests."""
    before = os.environ.get("PYTHONSAFEPATH")
    yield
    if before is None:
        os.environ.pop("PYTHONSAFEPATH", None)


@pytest.fixture(scope="session", autouse=True)
def _place_of_the_yardstick(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where workers share what one of them has measured."""
    base = tmp_path_factory.getbasetemp()
    timing.place = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished study of two runs, runs/smoke; nobody changes it."""
    from command import SMOKE, yololab

    folder = tmp_path_factory.mktemp("place")
    done = yololab("train", "-m", *SMOKE, "seed=0,1", cwd=folder)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


@pytest.fixture(scope="session")
def run_ids(place: Path) -> list[str]:
    """Ids of the two runs."""
    return sorted(path.parent.name for path in (place / "runs" / "smoke").glob("*/results.json"))
