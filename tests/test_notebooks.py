"""Notebooks are pairs of .py and .ipynb; they run from their first cell to their last, and their outputs are kept."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

from timing import patience

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.py"))
LONG = {name: [pytest.mark.docs] for name in ("first_study", "own_attention")}
"""They train"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_a_notebook_is_its_script_with_outputs_that_name_no_machine(path):
    script, notebook = jupytext.read(path), nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [(c.cell_type, c.source) for c in script.cells]
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert outputs
    assert not [output for output in outputs if output.output_type == "error"]
    assert not re.search(r"/(home|root|tmp|work|usr)/", str(outputs))


def test_no_notebook_is_without_its_script():
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == {path.stem for path in NOTEBOOKS}


@pytest.mark.parametrize("path", [pytest.param(p, id=p.stem, marks=LONG.get(p.stem, [])) for p in NOTEBOOKS])
def test_every_cell_of_a_notebook_runs(path, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    place = tmp_path / "notebooks"
    place.mkdir()
    shutil.copytree(FOLDER.parent / "experiments" / "bccd_recipes", tmp_path / "experiments" / "bccd_recipes")
    notebook = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    NotebookClient(notebook, timeout=round(patience(900)), resources={"metadata": {"path": str(place)}}).execute()
    said = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert said
    assert not re.search(r"Traceback|error:", str(said))
