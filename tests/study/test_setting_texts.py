"""Texts of settings, shared or not."""

from yololab.config.identity import as_text, flat
from yololab.study.setting_texts import SettingTexts


def test_texts_are_those_of_every_setting_alone():
    texts = SettingTexts()
    for lr in (0.01, 0.02, 0.01):
        found = {
            "recipe": {"lr": lr, "freeze": [], "augment": {"mosaic": True}},
            "seed": 3,
            "task": "detect",
            "x": None,
        }
        assert texts.of(found) == {key: as_text(value) for key, value in flat(found).items()}


def test_what_one_caller_changes_reaches_no_other():
    texts = SettingTexts()
    texts.of({"recipe": {"lr": 1}})["recipe.lr"] = "2"
    assert texts.of({"recipe": {"lr": 1}}) == {"recipe.lr": "1"}
