"""Every case of cases.json becomes a test."""

from __future__ import annotations

import json

import pytest

from golden.case import Case


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "golden_case" not in metafunc.fixturenames:
        return
    folder = metafunc.config.getoption("--golden-dir")
    index = folder / "cases.json"
    if not index.is_file():
        reason = f"no golden data: {index} does not exist (--golden-dir names its folder)"
        metafunc.parametrize("golden_case", [pytest.param(None, marks=pytest.mark.skip(reason=reason))])
        return
    cases = [Case(folder, content) for content in json.loads(index.read_text())["cases"]]
    metafunc.parametrize("golden_case", cases, ids=[case.id for case in cases])
