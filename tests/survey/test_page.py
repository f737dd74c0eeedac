from __future__ import annotations

from html.parser import HTMLParser

import numpy as np
import pytest

from yololab.data import ShapesSource
from yololab.data.problems import Problem
from yololab.survey.measures import measure_data
from yololab.survey.page import MOST_LISTED, Contents, to_page


class Seen(HTMLParser):
    """Tags in order, with what they point to."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.links = [], [], []

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "link", "img", "rect", "line", "br"):
            self.open.append(tag)
        pictures = tag != "link"  # the page's icon
        self.links += [value for name, value in attributes if pictures and name in ("src", "href")]

    def handle_endtag(self, tag):
        if tag in ("rect", "line"):
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def contents(**changed):
    source = ShapesSource(train=4, val=2, size=32)
    splits = {name: source.read(name) for name in ("train", "val")}
    found = {
        "title": "cells",
        "measures": measure_data(splits, 64),
        "problems": {},
        "unread": {},
        "labelled": [("a.png", np.zeros((8, 8, 3), np.uint8))],
        "augmented": [np.zeros((8, 8, 3), np.uint8)],
        "command": "python train.py",
    }
    return Contents(**{**found, **changed})


def test_the_page_is_whole_and_loads_nothing():
    page = to_page(contents())
    seen = Seen()
    seen.feed(page)
    assert seen.wrong == []
    assert seen.open == []
    assert len(seen.links) == 2
    assert all(link.startswith("data:image/jpeg;base64,") for link in seen.links)
    assert "<script" not in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x>', "a&b"])
def test_text_of_the_data_set_is_text(hostile):
    problem = Problem("zero area", hostile, 3, hostile, "dropped")
    found = contents(
        title=hostile,
        labelled=[(hostile, np.zeros((8, 8, 3), np.uint8))],
        problems={"train": [problem]},
        unread={"val": hostile},
        command=hostile,
    )
    page = to_page(found)
    seen = Seen()
    seen.feed(page)
    assert seen.wrong == []
    assert len(seen.links) == 2
    assert "<script" not in page


def test_problems_stand_by_file_and_line_and_a_flood_of_them_is_cut():
    many = [Problem("zero area", f"{i}.txt", i, "0 x 3", "dropped") for i in range(MOST_LISTED + 50)]
    page = to_page(
        contents(problems={"train": many, "val": [Problem("similar image in two splits", "b", 0, "x", "noted")]})
    )
    assert "<code>7.txt:7</code>" in page
    assert "... and 50 more" in page
    assert "images that are in two splits, or look like one of another: 1" in page
    assert "None was found in any file" in to_page(contents())
