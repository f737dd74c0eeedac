"""Every case of every cases.json becomes a test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from golden.case import Case


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "golden_case" not in metafunc.fixturenames:
        return
    metafunc.parametrize("golden_case", case_parameters(metafunc.config.getoption("--golden-dir")))


def case_parameters(folders: list[Path]) -> list:
    """A parameter per case, named after its folder too where there are several folders."""
    return [parameter for folder in folders for parameter in _cases(folder, prefixed=len(folders) > 1)]


def _cases(folder: Path, prefixed: bool) -> list:
    index = folder / "cases.json"
    if not index.is_file():
        reason = f"no golden data: {index} does not exist (--golden-dir names its folder)"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason), id=str(folder))]
    cases = [Case(folder, content) for content in json.loads(index.read_text())["cases"]]
    return [pytest.param(case, id=f"{folder.name}/{case.id}" if prefixed else case.id) for case in cases]
