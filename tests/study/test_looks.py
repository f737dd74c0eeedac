from __future__ import annotations

import pytest
import yaml

from study.case import record
from yololab.study.looks import look_at
from yololab.study.output import table_of


def write(folder, seeds, effect):
    config = {"study": {"seeds": "auto", "most_seeds": 6, "baseline": None, "smallest_effect": 1.0}}
    for i, (attention, score) in enumerate((("none", 0.5), ("cbam", 0.5 + effect))):
        for seed in range(seeds):
            one = record(seed, score + seed / 100 + ((3 * seed + i) % 4) / 2000, attention=attention)
            path = folder / one.run_id
            path.mkdir(parents=True, exist_ok=True)
            one.write(path)
            (path / "config.yaml").write_text(yaml.safe_dump(config))
            (path / "spec.json").write_text('{"choices": {}, "overrides": []}')


@pytest.mark.parametrize(("effect", "still"), [(0.2, ()), (0.005, ("attention=cbam",))])
def test_a_large_effect_is_decided_early_and_a_small_one_is_not(tmp_path, effect, still):
    write(tmp_path, 3, effect)
    found = look_at(tmp_path, 3)
    assert (found.open, found.comparisons) == (still, 1)
    assert f"{1 - len(still)} of 1 comparisons are decided" in found.sentence


def test_intervals_of_looks_are_wider_and_give_no_p(tmp_path):
    write(tmp_path, 3, 0.05)
    looked = table_of(tmp_path)
    estimate = looked.results[1].difference.estimate
    assert estimate.p_value != estimate.p_value
    assert "a look after each seed" in " ".join(looked.notes)
    for path in tmp_path.rglob("config.yaml"):
        path.write_text(path.read_text().replace("auto", "null"))
    fixed = table_of(tmp_path).results[1].difference.estimate
    assert estimate.high - estimate.low > fixed.high - fixed.low


def test_the_rule_is_never_left_silently(tmp_path):
    write(tmp_path / "few", 3, 0.05)
    gone = [path for path in (tmp_path / "few").rglob("results.json") if '"cbam"' in path.read_text()][:2]
    for path in gone:
        path.unlink()
    alone = table_of(tmp_path / "few").results[1].difference.estimate
    assert alone.low != alone.low
    assert "fewer than 2 seeds" in alone.note
    write(tmp_path / "beyond", 8, 0.05)
    notes = " ".join(table_of(tmp_path / "beyond").notes)
    assert "8 seeds are more than the 6 planned" in notes
    assert "a look after each seed" in notes
