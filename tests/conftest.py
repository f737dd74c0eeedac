"""Options and folders that all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden-dir", type=Path, default=SHARED / "golden", help="folder with cases.json of the reference systems"
    )


@pytest.fixture(scope="session")
def bccd() -> Path:
    """The BCCD data set: $YOLOLAB_BCCD, or beside the checkout."""
    folder = Path(os.environ.get("YOLOLAB_BCCD", SHARED / "data" / "bccd"))
    if not (folder / "ImageSets").is_dir():
        pytest.skip(f"BCCD is not at {folder}; set YOLOLAB_BCCD")
    return folder
