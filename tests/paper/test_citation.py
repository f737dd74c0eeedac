from __future__ import annotations

import yaml

from paper.case import write_study
from yololab.paper.citation import citation
from yololab.paper.facts import facts_of
from yololab.study.output import table_of


def test_it_has_what_the_format_requires_and_the_version_that_ran(tmp_path):
    table = table_of(write_study(tmp_path / "s"))
    content = yaml.safe_load(citation(facts_of(table, "s")))
    assert {"cff-version", "message", "title", "authors"} <= content.keys()
    assert (content["cff-version"], content["version"], content["commit"]) == ("1.2.0", "0.1.0", "c0")
