"""Answers to what conferences ask: the NeurIPS paper checklist and CVPR's compute reporting form, as Markdown.

Answered is what records tell. What only the authors know (limits, ethics, licences of data) is left to them, by name.
"""

from __future__ import annotations

from yololab.paper.facts import Facts
from yololab.paper.methods import energy
from yololab.study.formats import markdown_text
from yololab.study.table import StudyTable

AUTHORS = "To be answered by the authors."


def checklist(table: StudyTable, facts: Facts) -> str:
    """NeurIPS: the questions that concern experiments, in the order of its checklist."""
    compared = any(one.difference is not None for one in table.results)
    lowest = facts.fewest_seeds
    bars = (
        f"Yes. Every difference has a simultaneous 95% interval over {lowest} or more seeds and, where the table says "
        "so, over images; the table's notes name test, correction and assumptions."
        if compared and lowest > 1
        else "No. " + ("A row has one seed." if lowest < 2 else "Nothing was compared.")
    )
    warned = " ".join(markdown_text(f"{text}.") for text in table.warnings)
    entries = {
        "Claims: do the main claims reflect the results?": AUTHORS
        + " What the study says of each comparison stands in table.md, `cannot tell` included.",
        "Limitations": AUTHORS + (f" The table itself warns: {warned}" if warned else ""),
        "Experimental result reproducibility": f"Yes. All {facts.runs} runs keep configuration, seed, data "
        "fingerprint and versions (records/, ro-crate-metadata.json); `yololab certify` repeats one and signs it.",
        "Open access to data and code": f"Code: yololab {facts.libraries.get('yololab', '')}, Apache-2.0, see "
        f"CITATION.cff. Data: {AUTHORS}",
        "Experimental setting and details": "Yes: methods.md, and config.yaml of every run.",
        "Experiment statistical significance": bars,
        "Experiments compute resources": f"{_machines(facts)}; {facts.hours:.2f} hours for all {facts.runs} runs "
        "that are in the table. Runs that failed or were abandoned are not counted.",
        "Broader impacts, safeguards, licences, human subjects": AUTHORS,
    }
    return "# NeurIPS checklist: what the records answer\n\n" + "".join(
        f"**{question}**\n\n{answer}\n\n" for question, answer in entries.items()
    )


def compute_form(facts: Facts) -> str:
    """CVPR's compute reporting form: hardware, hours, what for."""
    on_gpu = sum("GPU" in one or "NVIDIA" in one for one in facts.machines)
    lines = {
        "Hardware": _machines(facts),
        "Accelerators": "as above" if on_gpu else "none; processors alone",
        "Runs in the paper": f"{facts.runs} ({facts.rows} configurations, seeds {', '.join(map(str, facts.seeds))})",
        "Hours of those runs": f"{facts.hours:.2f} (sum of wall-clock time; runs side by side count each)",
        "Hours a run, mean": f"{facts.hours / max(facts.runs, 1):.3f}",
        "Largest memory of a run": f"{facts.memory / 1e9:.2f} GB" if facts.memory else "not recorded",
        "Hours of preliminary or failed runs": AUTHORS,
        "Energy": energy(facts),
    }
    rows = "".join(f"| {name} | {value} |\n" for name, value in lines.items())
    return f"# Compute reporting form\n\n| asked | answer |\n| --- | --- |\n{rows}"


def _machines(facts: Facts) -> str:
    return "; ".join(facts.machines) or "unknown"
