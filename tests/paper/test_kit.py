from __future__ import annotations

import re
import subprocess
from shutil import which

import pytest

from paper.case import write_study
from yololab.errors import YololabError
from yololab.paper.kit import write_kit


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    place = tmp_path_factory.mktemp("kit")
    folder = place / "out"
    return folder, write_kit(write_study(place / "my_study"), folder)[0]


def test_everything_is_there_and_is_in_the_list(kit):
    folder, files = kit
    names = {path.relative_to(folder).as_posix() for path in files}
    assert names == {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"table.tex", "methods.tex", "checklist.md", "compute.md", "CITATION.cff", "kit.tex"} <= names
    assert len([name for name in names if name.startswith("records/")]) == 6
    assert not any(path.stat().st_size == 0 for path in files)


def test_the_document_names_only_files_that_are_there(kit):
    folder, _ = kit
    text = (folder / "kit.tex").read_text()
    named = re.findall(r"\\(?:input|includegraphics)\{([^}]+)\}", text)
    assert len(named) == 7
    assert all((folder / name).is_file() for name in named)


@pytest.mark.skipif(
    which("pdflatex") is None, reason="needs pdflatex with booktabs, siunitx, threeparttable, adjustbox"
)
def test_it_compiles(kit):
    folder, _ = kit
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"-output-directory={folder.parent}", "kit.tex"],
        cwd=folder, capture_output=True, text=True, errors="replace", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]


def test_a_study_without_runs_and_the_studys_own_folder_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(YololabError, match="no finished run yet"):
        write_kit(tmp_path / "empty", tmp_path / "out")
    study = write_study(tmp_path / "s")
    with pytest.raises(YololabError, match="the study's own folder"):
        write_kit(study, study)
