"""LaTeX that compiles, HTML in which text is text."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from study.case import record
from yololab.study.publish import best_results, latex_text, to_html, to_latex
from yololab.study.table import build_table


def table(name="cbam_paper & <b>100%</b>"):
    scores = {"none": 0.5, name: 0.6}
    return build_table(
        [record(s, v + s * (1 + len(a)) / 900, attention=a) for a, v in scores.items() for s in (0, 1, 2)]
    )


def test_text_cannot_become_markup():
    assert latex_text("a_b&c{") == r"a\_b\&c\{"
    page = to_html(table())
    assert "<b>100%" not in page
    assert "&lt;b&gt;100%" in page


def test_numbers_are_set_by_siunitx_and_the_best_is_bold():
    text = to_latex(table())
    assert r"\num{1000}" in text
    assert r"\num[print-implicit-plus]" in text
    assert best_results(table()) == {1}
    assert text.count(r"\textbf{") == 1
    assert text.index(r"\toprule") < text.index(r"\midrule") < text.index(r"\bottomrule")


def test_rows_that_cannot_be_told_from_the_best_are_bold_too():
    close = [
        record(s, 0.5 + i / 1000 + s * (i + 1) / 100, attention=a)
        for i, a in enumerate(("none", "eca"))
        for s in (0, 1)
    ]
    assert best_results(build_table(close)) == {0, 1}


def test_the_table_compiles(tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("no TeX: apt-get install texlive-latex-extra texlive-science")
    document = (
        r"\documentclass{article}\usepackage{booktabs,siunitx,threeparttable}\begin{document}"
        + to_latex(table())
        + r"\end{document}"
    )
    (tmp_path / "table.tex").write_text(document)
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
