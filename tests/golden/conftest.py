"""Every case of every cases.json becomes a test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from golden.case import Case

OPEN = Path(__file__).with_name("open.txt")
"""Cases of the default folders that are not reproduced yet, one a line; each must fail until it is taken out"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "golden_case" not in metafunc.fixturenames:
        return
    folders = metafunc.config.getoption("--golden-dir")
    known = set(OPEN.read_text().split()) if metafunc.config.getoption("golden_by_default") else set()
    metafunc.parametrize("golden_case", case_parameters(folders, known))


def case_parameters(folders: list[Path], known: set[str] = frozenset()) -> list:
    """A parameter per case, named after its folder too where there are several folders; `known` ones must fail."""
    return [parameter for folder in folders for parameter in _cases(folder, len(folders) > 1, known)]


def _cases(folder: Path, prefixed: bool, known: set[str]) -> list:
    index = folder / "cases.json"
    if not index.is_file():
        reason = f"no golden data: {index} does not exist (--golden-dir names its folder)"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason), id=str(folder))]
    cases = [Case(folder, content) for content in json.loads(index.read_text())["cases"]]
    named = [(case, f"{folder.name}/{case.id}" if prefixed else case.id) for case in cases]
    fails = pytest.mark.xfail(strict=True, reason="not reproduced yet: tests/golden/open.txt", raises=BaseException)
    return [pytest.param(case, id=name, marks=fails if name in known else ()) for case, name in named]
