"""Write every notebook's .ipynb from its .py, with the outputs of a run: run_notebooks.py [NAME ...]."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
STYLES = re.compile(r"\x1b\[[0-9;]*m")


def run(script: Path) -> None:
    """Run a notebook in an empty folder beside a copy of the kept studies, and keep it with its outputs."""
    notebook = jupytext.read(script)
    notebook.metadata.pop("jupytext", None)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "notebooks"
        folder.mkdir()
        shutil.copytree(ROOT / "experiments", Path(place) / "experiments")
        place_of_run = {"metadata": {"path": str(folder)}}
        NotebookClient(notebook, timeout=1800, resources=place_of_run, coalesce_streams=True).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of day, which would differ with every run
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                output.text = STYLES.sub("", output.text)
    nbformat.write(notebook, script.with_suffix(".ipynb"))


if __name__ == "__main__":
    os.environ |= {"FORCE_COLOR": "", "NO_COLOR": "1", "CLICOLOR": "0", "CLICOLOR_FORCE": "0"}  # plain text is kept
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for name in sys.argv[1:] or sorted(path.stem for path in FOLDER.glob("*.py")):
        run(FOLDER / f"{name}.py")
        print(f"notebooks/{name}.ipynb")
