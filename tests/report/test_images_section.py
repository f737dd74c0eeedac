from __future__ import annotations

import numpy as np
import pytest

from report.test_contents import contents
from study.case import record
from yololab.errors import ConfigError
from yololab.report.changed import Change
from yololab.report.contents import Contents
from yololab.report.images import Gate, Panel, Shown, ShownImage
from yololab.report.images_section import images_section
from yololab.study.table import Question, build_table

SCORES = {"none": 0.5, "eca": 0.52, "gam": 0.3}


@pytest.fixture
def three(tmp_path, monkeypatch):
    """Three rows, and a stand-in that says which two are shown."""
    records = [record(seed, score + 0.001 * seed, attention=name) for name, score in SCORES.items() for seed in (0, 1)]
    gate = Gate("neck.<b>", Panel("gate", "data:,"), np.array([0.4, 0.6]))
    image = ShownImage("a<b>.jpg", Change(0, 1.0, 3.0), [Panel("labels", "data:,")], [Panel("cam", "data:,")], [gate])
    monkeypatch.setattr(
        "yololab.report.images_section.images_of", lambda study, before, after, names: Shown(names, 0, [image])
    )
    return Contents("demo", build_table(records, Question()), tmp_path)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ([], "none beside gam"),  # which differs most
        ([{"attention": "eca"}], "none beside eca"),
        ([{"attention": "eca"}, {"attention": "gam"}], "eca beside gam"),
    ],
)
def test_two_rows_are_shown_those_that_were_asked_for(three, wanted, names):
    found = images_section(three, wanted)
    assert names in found
    assert "1.0 → 3.0 errors" in found
    assert "a&lt;b&gt;.jpg" in found
    assert "neck.&lt;b&gt;: output / input by channel" in found


def test_choices_that_are_no_row_are_refused(three):
    with pytest.raises(ConfigError, match="0 rows are that; expected one of"):
        images_section(three, [{"attention": "cbam"}])
    with pytest.raises(ConfigError, match="both are one row"):
        images_section(three, [{"attention": "eca"}, {"attention": "eca"}])


def test_one_row_shows_nothing():
    assert images_section(contents([record(0)])) == ""
