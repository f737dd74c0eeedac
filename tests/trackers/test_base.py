from __future__ import annotations

from yololab.trackers.base import LONGEST, title_of


def test_a_title_says_what_was_chosen_and_not_where():
    typed = ["experiment=smoke", "attention=cbam", "+attention.ratio=4", "seed=3", "tracker=none", "data.root=/x"]
    assert title_of(typed, 3) == "attention=cbam, attention.ratio=4, seed 3"
    assert title_of([], 0) == "seed 0"
    assert len(title_of([f"recipe.key{i}=1" for i in range(50)], 0)) == LONGEST
