"""A sheet for a paper and for a page: booktabs LaTeX with siunitx, and plain HTML."""

from __future__ import annotations

import html
import re

from yololab.study.sheet import Sheet
from yololab.terminal import visible

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
    "<": r"$<$",
    ">": r"$>$",
    "✓": r"$\surd$",
}
NUMBER = re.compile(r"^([+-]?)([\d,]+)(?:\.(\d+))?(?: ± (\d+)(?:\.(\d+))?)?$")
SETUP = (
    r"\sisetup{separate-uncertainty = true, retain-explicit-plus = true, detect-weight = true, "
    r"group-minimum-digits = 4}"
)


def to_latex(sheet: Sheet) -> str:
    """A table for \\usepackage{booktabs,siunitx,threeparttable}, numbers aligned; best mean and its ties are bold."""
    columns = "".join(_column(sheet, place) for place in range(len(sheet.headings)))
    lines = [
        "% \\usepackage{booktabs, siunitx, threeparttable}",
        "\\begin{threeparttable}",
        SETUP,
        f"\\begin{{tabular}}{{{columns}}}",
        "\\toprule",
        " & ".join(f"{{{latex_text(heading)}}}" for heading in sheet.headings) + r" \\",
        "\\midrule",
    ]
    for line in sheet.lines:
        fields = [
            _field(text, is_number, place in line.bold)
            for place, (text, is_number) in enumerate(zip(line.texts, sheet.numbers, strict=True))
        ]
        runs = f" % {visible(' '.join(line.run_ids), newlines=False)}" if line.run_ids else ""
        lines.append(" & ".join(fields) + r" \\" + runs)
    lines += ["\\bottomrule", "\\end{tabular}", "\\begin{tablenotes}\\footnotesize"]
    lines += [f"\\item {latex_text(text)}" for text in [*sheet.notes, *sheet.warnings]]
    return "\n".join([*lines, "\\end{tablenotes}", "\\end{threeparttable}"]) + "\n"


def latex_text(text: str) -> str:
    """Text with everything escaped that LaTeX would take for its own."""
    return "".join(SPECIAL.get(character, character) for character in visible(text, newlines=False))


def html_text(text: str) -> str:
    """Text with everything escaped that HTML would take for its own, in elements and in quoted attributes."""
    return html.escape(visible(text))


def _column(sheet: Sheet, place: int) -> str:
    """siunitx' S with room for the longest number of the column; l for text."""
    found = [NUMBER.match(line.texts[place]) for line in sheet.lines]
    parts = [match.groups(default="") for match in found if match]
    if not sheet.numbers[place] or not parts:
        return "l"
    sign = "+" if any(part[0] for part in parts) else ""
    whole = max(len(part[1].replace(",", "")) for part in parts)
    decimals = max(len(part[2]) for part in parts)
    spread = max(len(_digits(part[3], part[4])) for part in parts)
    shape = f"{sign}{whole}.{decimals}" + (f"({spread})" if spread else "")
    return f"S[table-format = {shape}]"


def _field(text: str, is_number: bool, is_bold: bool) -> str:
    """A number as siunitx reads it, "50.0(7)" for 50.0 ± 0.7; anything else in braces."""
    match = NUMBER.match(text) if is_number else None
    bold = "\\bfseries " if is_bold else ""
    if match is None:
        return f"{{{bold}{latex_text(text)}}}" if text else "{}"
    sign, whole, decimals, spread, tenths = match.groups(default="")
    number = f"{sign}{whole.replace(',', '')}" + (f".{decimals}" if decimals else "")
    return bold + number + (f"({_digits(spread, tenths)})" if spread else "")


def _digits(spread: str, decimals: str) -> str:
    """A spread in units of the last place: "0.7" is 7, "12.7" is 127; 0 stays 0."""
    return (spread + decimals).lstrip("0") or ("0" if spread else "")


def to_html(sheet: Sheet) -> str:
    """A table element with its notes; no script, no style of its own."""
    heads = "".join(f"<th>{html_text(heading)}</th>" for heading in sheet.headings)
    rows = []
    for line in sheet.lines:
        texts = [html_text(text) for text in line.texts]
        fields = [f"<td>{f'<b>{text}</b>' if place in line.bold else text}</td>" for place, text in enumerate(texts)]
        rows.append(f'<tr data-runs="{html_text(" ".join(line.run_ids))}">{"".join(fields)}</tr>')
    notes = "".join(f"<p>{html_text(note)}</p>" for note in sheet.notes)
    warnings = "".join(f"<li>{html_text(warning)}</li>" for warning in sheet.warnings)
    body = "\n".join(rows)
    return (
        f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n{notes}\n<ul>{warnings}</ul>\n"
    )
