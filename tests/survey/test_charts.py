from __future__ import annotations

from xml.etree import ElementTree

from yololab.survey.charts import bars, heat


def parsed(figure):
    return ElementTree.fromstring(figure)


def rectangles(figure, name):
    return [node for node in parsed(figure).iter("rect") if node.get("class") == name]


def test_bars_are_shares_of_their_own_series():
    figure = bars("sizes", ["a", "b"], {"train": [30, 10], "val": [1, 3]})
    train, val = rectangles(figure, "s0"), rectangles(figure, "s1")
    assert [float(one.get("height")) for one in train] == [float(one.get("height")) for one in reversed(val)]
    assert train[0].find("title").text == "train, a: 30 (75.0%)"


def test_nothing_and_odd_names_are_no_fault():
    assert len(rectangles(bars("none", ["a"], {"train": [0]}), "s0")) == 1
    figure = bars("<b>", ["&"], {"<script>": [1]})
    assert parsed(figure).find("figcaption").text == "<b>"
    assert "<script>" not in figure


def test_a_map_is_darkest_where_there_are_most():
    cells = rectangles(heat("places", [[0, 1], [2, 4]]), "s0")
    assert [cell.find("title").text for cell in cells] == ["1", "2", "4"]
    assert float(cells[-1].get("opacity")) == 1
