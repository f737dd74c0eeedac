from __future__ import annotations

import re

import pytest

from report.test_contents import contents, curve
from study.case import record
from yololab.report.study_page import to_page

HOSTILE = "<img src=x onerror=alert(1)>"


def page(rows, seeds=3, **question):
    records = [
        record(seed, 0.4 + 0.002 * row + 0.01 * seed, curve=curve(0.1, 0.2, 0.3), attention=f"part{row}")
        for row in range(rows)
        for seed in range(seeds)
    ]
    return to_page(contents(records, **question))


@pytest.mark.parametrize("rows", [1, 2, 12, 200])
def test_every_row_is_in_the_table_and_the_file_stays_small(rows):
    found = page(rows, smallest_effect=0.5)
    body = re.search(r"<section id=results>.*?</section>", found, re.S).group(0)
    assert body.count("<tr>") == rows + 1
    assert found.count("><td><a href=") == 3 * rows
    anchors = set(re.findall(r'<tr id="(row-\d+)">', found))
    assert len(anchors) == rows
    assert set(re.findall(r'href="#([^"]+)"', found)) <= anchors
    assert len(found) < 2_000_000
    assert not re.search(r'(src|href)="(https?:)?//', found)
    assert ("<h2>Differences</h2>" in found) == (rows > 1)


def test_text_of_others_is_text():
    found = to_page(contents([record(seed, attention=name) for name in ("none", HOSTILE) for seed in (0, 1)]))
    assert HOSTILE not in found
    assert "&lt;img src=x" in found


def test_it_says_what_is_asked_and_what_must_be_known_first():
    records = [record(seed, attention=name) for name in ("none", "eca") for seed in (0, 1)]
    found = to_page(contents([*records[:-1], record(1, 0.5, commit="c1", attention="eca")], smallest_effect=2.0))
    assert "Which rows change mAP against <b>none</b>, where 2 points matter?" in found
    assert "To be known first" in found
    assert "not only what you swept differs: code" in found


def test_what_can_be_told_stands_first_and_a_long_list_is_folded():
    scores = {"none": 0.5} | {f"same{n:02}": 0.5 for n in range(15)} | {"worse": 0.2}
    records = [
        record(seed, score + 0.01 * ((seed * 7 + place) % 5), attention=name)
        for place, (name, score) in enumerate(scores.items())
        for seed in range(4)
    ]
    found = to_page(contents(records))
    answers = found[found.index("<h2>Answers</h2>") : found.index("<h2>Table</h2>")]
    assert answers.index("<b>worse</b>") < answers.index("<b>same00</b>")
    assert "4 more</summary>" in answers
    assert answers.count("<li>") == 16
