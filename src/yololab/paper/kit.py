"""The paper kit: everything that a paper says of a study, in one folder."""

from __future__ import annotations

from pathlib import Path

from yololab.errors import YololabError
from yololab.files import write_text
from yololab.paper.answers import checklist, compute_form
from yololab.paper.citation import citation
from yololab.paper.crate import copy_records, write_crate
from yololab.paper.data_description import describe_data
from yololab.paper.facts import Facts, facts_of, records_of
from yololab.paper.figures import write_figures
from yololab.paper.methods import methods
from yololab.study.output import WRITERS, table_of
from yololab.study.publish import latex_text, to_latex
from yololab.study.table import StudyTable

INTRO = """% Compile this file to see the kit: pdflatex kit.tex
\\documentclass[twocolumn]{article}
\\usepackage[margin=0.75in]{geometry}
\\usepackage{booktabs, siunitx, threeparttable, graphicx, adjustbox}
\\begin{document}
"""
CAPTIONS = {
    "scores": "Every seed (dots) and the mean (bar) of every configuration; dotted: the baseline's mean.",
    "differences": "Differences to the baseline with simultaneous 95\\% intervals; shaded: too small to matter; thick: "
    "what seeds alone make of an interval.",
    "cost_gflops": "Accuracy against GFLOPs of the training form; dashed: configurations that no other beats.",
    "cost_parameters": "Accuracy against parameters; dashed: configurations that no other beats.",
    "curves": "Validation by epoch: mean over seeds, band from the worst to the best.",
}


def write_kit(study: Path, folder: Path) -> tuple[list[Path], list[str]]:
    """Write the kit of a study into a folder, which is made; what was written, the crate's metadata last, and what
    could not be.

    YololabError where no run is finished, or the folder is the study's own.
    """
    table = table_of(study)
    if table is None:
        raise YololabError(f"{study}: no finished run yet")
    if folder.resolve() == study.resolve():
        raise YololabError(f"--out {folder}: the study's own folder; expected another one")
    folder.mkdir(parents=True, exist_ok=True)
    facts = facts_of(table, study.name)
    figures = write_figures(table, folder)
    texts = _texts(table, facts, figures)
    for name, text in texts.items():
        write_text(folder / name, text)
    described, remarks = describe_data(study, records_of(table), folder)
    files = [*(folder / name for name in texts), *figures, *described, *copy_records(table, study, folder)]
    return [*files, write_crate(folder, files, facts)], remarks


def _texts(table: StudyTable, facts: Facts, figures: list[Path]) -> dict[str, str]:
    sheet = table.sheet()
    paragraphs = methods(table, facts)
    return {
        "table.tex": to_latex(sheet),
        **{name: write(sheet) for name, write in WRITERS.items()},
        "methods.md": "\n\n".join(paragraphs) + "\n",
        "methods.tex": "\n\n".join(map(latex_text, paragraphs)) + "\n",
        "checklist.md": checklist(table, facts),
        "compute.md": compute_form(facts),
        "CITATION.cff": citation(facts),
        "kit.tex": _document(facts, figures),
    }


def _document(facts: Facts, figures: list[Path]) -> str:
    table = r"\begin{adjustbox}{max width=\textwidth}\input{table.tex}\end{adjustbox}"
    parts = [INTRO, f"\\section*{{{latex_text(facts.name)}}}", r"\input{methods.tex}"]
    parts.append(rf"\begin{{table*}}\centering{table}\end{{table*}}")
    drawn = {path.stem.removesuffix("_single") for path in figures if path.stem.endswith("_single")}
    for name, caption in CAPTIONS.items():
        if name in drawn:
            picture = rf"\includegraphics{{{name}_single.pdf}}"
            parts.append(rf"\begin{{figure}}\centering{picture}\caption{{{caption}}}\end{{figure}}")
    return "\n".join([*parts, r"\end{document}"]) + "\n"
