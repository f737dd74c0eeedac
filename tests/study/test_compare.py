from __future__ import annotations

from study.case import record
from yololab.study.compare import compare


def test_a_difference_names_part_key_and_both_values():
    found = compare(record(seed=0, score=0.5), record(seed=1, score=0.6, commit="c1"))
    assert {(d.part, d.key, d.first, d.second) for d in found} == {
        ("configuration", "seed", 0, 1),
        ("environment", "git.commit", "c0", "c1"),
        ("metrics", "mAP", 0.5, 0.6),
        ("metrics", "mAP50", 0.7, 0.8),
    }
