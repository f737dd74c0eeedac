from __future__ import annotations

from yololab.study.implied import implied_keys, is_implied


def test_a_choice_implies_its_own_keys_and_a_global_one_those_that_it_sets():
    assert implied_keys("recipe", "tiny") >= {"recipe", "recipe.lr"}
    assert implied_keys("head", "effide") >= {"head", "head.block", "loss.gains.box", "loss.times_batch"}
    assert not any(key.startswith("assigner") for key in implied_keys("head", "effide"))


def test_a_preset_implies_what_its_family_chooses():
    assert implied_keys("model", "yolov9_s") >= {"head", "assigner", "backbone", "neck", "aux", "scale"}


def test_a_choice_from_elsewhere_implies_its_group_alone():
    assert implied_keys("attention", "nobody_knows") == {"attention"}
    assert is_implied("attention.rate", "attention", frozenset({"nobody_knows"}))
    assert not is_implied("recipe.lr", "attention", frozenset({"nobody_knows"}))
