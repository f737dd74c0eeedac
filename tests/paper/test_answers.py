from __future__ import annotations

from paper.case import write_study
from study.case import record
from yololab.paper.answers import AUTHORS, checklist, compute_form
from yololab.paper.facts import facts_of
from yololab.study.output import table_of
from yololab.study.table import build_table


def test_what_records_tell_is_answered_and_the_rest_is_the_authors(tmp_path):
    table = table_of(write_study(tmp_path / "s"))
    facts = facts_of(table, "s")
    text = checklist(table, facts)
    assert "Yes. Every difference has a simultaneous 95% interval over 3 or more seeds" in text
    assert "1.00 hours for all 6 runs" in text
    assert text.count(AUTHORS) == 4
    form = compute_form(facts)
    assert "| Hours a run, mean | 0.167 |" in form
    assert "| Accelerators | none; processors alone |" in form


def test_one_seed_is_no_statistical_significance():
    table = build_table([record(0, attention=name) for name in ("none", "eca")])
    assert "No. A row has one seed." in checklist(table, facts_of(table, "s"))
