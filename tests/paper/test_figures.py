from __future__ import annotations

import re

import pytest

from paper.case import write_study
from yololab.paper.figures import WIDTHS, write_figures
from yololab.study.output import table_of


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    place = tmp_path_factory.mktemp("figures")
    table = table_of(write_study(place / "s"))
    return {path.name: path for path in write_figures(table, place)}


@pytest.mark.parametrize("width", WIDTHS)
def test_each_is_as_wide_as_a_column_with_its_fonts_in_it(figures, width):
    content = figures[f"differences_{width}.pdf"].read_bytes()
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", content)
    assert float(box.group(1)) == pytest.approx(72 * WIDTHS[width], abs=0.1)
    assert b"/FontFile2" in content
    assert b"/Type3" not in content
    assert "<text" not in figures[f"differences_{width}.svg"].read_text()  # letters as outlines


def test_what_there_is_to_show_is_drawn_and_nothing_else(figures):
    stems = {name.rsplit("_", 1)[0] for name in figures}
    assert stems == {"scores", "differences", "cost_gflops", "cost_parameters", "curves"}
