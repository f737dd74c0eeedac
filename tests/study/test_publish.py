"""LaTeX that compiles, HTML in which text is text."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from study.case import record
from yololab.study.layouts import crossed, tutorial
from yololab.study.publish import latex_text, to_html, to_latex
from yololab.study.sheet import Line, Sheet
from yololab.study.table import build_table


def table(name="cbam_paper & <b>100%</b>"):
    scores = {"none": 0.5, name: 0.6}
    return build_table(
        [record(s, v + s * (1 + len(a)) / 900, attention=a) for a, v in scores.items() for s in (0, 1, 2)]
    ).sheet()


def test_text_cannot_become_markup():
    assert latex_text("a_b&c{") == r"a\_b\&c\{"
    page = to_html(table())
    assert "<b>100%" not in page
    assert "&lt;b&gt;100%" in page


def test_numbers_are_aligned_by_siunitx_and_the_best_is_bold():
    text = to_latex(table())
    assert "S[table-format = 2.1(2)]" in text  # 50.1 ± 0.6 and 62.3 ± 2.6
    assert "& 1000 &" in text
    assert text.count(r"\bfseries") == 2  # mAP and mAP50
    assert text.index(r"\toprule") < text.index(r"\midrule") < text.index(r"\bottomrule")


def test_a_spread_is_in_units_of_the_last_place():
    sheet = Sheet(("a",), (True,), tuple(Line((t,), {}) for t in ("50.0 ± 0.7", "+6.0 ± 12.7", "912,830", "<0.001")))
    text = to_latex(sheet)
    assert "S[table-format = +6.1(3)]" in text
    rows = text.split("\\midrule\n")[1].splitlines()
    assert [row.removesuffix(r" \\") for row in rows[:4]] == ["50.0(7)", "+6.0(127)", "912830", "{$<$0.001}"]


def layouts():
    scores = {("none", "detect"): 0.5, ("none", "effide"): 0.52, ("ca", "detect"): 0.55, ("ca", "effide"): 0.6}
    made = build_table([record(s, v + s / 900, attention=a, head=h) for (a, h), v in scores.items() for s in (0, 1, 2)])
    return [table(), tutorial(made), crossed(made, ["attention"], ["head"], ["mAP", "mAP50"])]


@pytest.mark.parametrize("layout", [0, 1, 2], ids=["usual", "tutorial", "crossed"])
def test_the_table_compiles(tmp_path, layout):
    if shutil.which("pdflatex") is None:
        pytest.skip("no TeX: apt-get install texlive-latex-extra texlive-science")
    document = (
        r"\documentclass{article}\usepackage{booktabs,siunitx,threeparttable}\begin{document}"
        + to_latex(layouts()[layout])
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
