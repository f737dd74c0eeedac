"""A study's table for a paper and for a page: booktabs LaTeX with siunitx, and plain HTML."""

from __future__ import annotations

import html
import re

from yololab.study.columns import Result
from yololab.study.table import StudyTable

SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "Δ": r"$\Delta$",
    "±": r"$\pm$",
    "×": r"$\times$",
}
NUMBER = re.compile(r"^[+-]?[\d,]+(\.\d+)?( ± \d+(\.\d+)?)?$")


def to_latex(table: StudyTable) -> str:
    """A table for \\usepackage{booktabs,siunitx,threeparttable}; best mean and its statistical ties are bold."""
    columns = "".join("r" if column.is_number else "l" for column in table.columns)
    best = best_results(table)
    lines = [
        "% \\usepackage{booktabs, siunitx, threeparttable}",
        "\\begin{threeparttable}",
        f"\\begin{{tabular}}{{{columns}}}",
        "\\toprule",
        " & ".join(latex_text(column.heading) for column in table.columns) + r" \\",
        "\\midrule",
    ]
    for index, result in enumerate(table.results):
        fields = [_latex_field(column.text(result)) for column in table.columns]
        place = next(i for i, column in enumerate(table.columns) if column.heading == "mAP")
        if index in best:
            fields[place] = f"\\textbf{{{fields[place]}}}"
        lines.append(" & ".join(fields) + r" \\")
    lines += ["\\bottomrule", "\\end{tabular}", "\\begin{tablenotes}\\footnotesize"]
    lines += [f"\\item {latex_text(text)}" for text in [*table.notes, *table.warnings]]
    return "\n".join([*lines, "\\end{tablenotes}", "\\end{threeparttable}"]) + "\n"


def latex_text(text: str) -> str:
    """Text with everything escaped that LaTeX would take for its own."""
    return "".join(SPECIAL.get(character, character) for character in text)


def _latex_field(text: str) -> str:
    """Numbers are set by siunitx, so that signs and thousands look as they should."""
    if not NUMBER.match(text):
        return latex_text(text)
    value, _, spread = text.replace(",", "").partition(" ± ")
    sign = r"[print-implicit-plus]" if value.startswith("+") else ""
    number = f"\\num{sign}{{{value}}}"
    return f"{number} $\\pm$ \\num{{{spread}}}" if spread else number


def best_results(table: StudyTable) -> set[int]:
    """Places of the best mean mAP and of those within the half-width of their intervals of it."""
    known = [(r.summaries["mAP"].mean, i) for i, r in enumerate(table.results) if r.summaries["mAP"].count]
    if not known:
        return set()
    top, place = max(known)
    return {place} | {i for mean, i in known if top - mean < _half_width(table.results, i, place)}


def _half_width(results: list[Result], first: int, second: int) -> float:
    found = [results[i].difference for i in (first, second) if results[i].difference is not None]
    widths = [(d.estimate.high - d.estimate.low) / 2 for d in found if d is not None]
    return min((width for width in widths if width == width), default=0.0)


def to_html(table: StudyTable) -> str:
    """A table element with its notes; no script, no style of its own."""
    heads = "".join(f"<th>{html.escape(column.heading)}</th>" for column in table.columns)
    best = best_results(table)
    rows = []
    for index, result in enumerate(table.results):
        fields = []
        for column in table.columns:
            text = html.escape(column.text(result))
            fields.append(f"<td>{f'<b>{text}</b>' if column.heading == 'mAP' and index in best else text}</td>")
        ids = " ".join(record.run_id for record in result.row.records.values())
        rows.append(f'<tr data-runs="{html.escape(ids)}">{"".join(fields)}</tr>')
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in table.notes)
    warnings = "".join(f"<li>{html.escape(warning)}</li>" for warning in table.warnings)
    body = "\n".join(rows)
    return (
        f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n{notes}\n<ul>{warnings}</ul>\n"
    )
