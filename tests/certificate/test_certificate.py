from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from scipy import stats

from study.case import record
from yololab.certificate.certificate import Word, content_of, half_width, read_certificate
from yololab.certificate.signing import sign
from yololab.errors import YololabError
from yololab.run.folder import RunFolder
from yololab.study.compare import compare
from yololab.study.planning import spread_of
from yololab.study.repeat import Repeat


def folder_of(place, one):
    folder = RunFolder(place / one.run_id)
    folder.path.mkdir(parents=True)
    one.write(folder.path)
    return folder


@pytest.fixture
def study(tmp_path):
    for name in ("none", "eca"):
        for seed in (0, 1, 2):
            folder_of(
                tmp_path / "s", record(seed, 0.5 + 0.01 * seed + 0.001 * seed**2 * (name == "eca"), attention=name)
            )
    return tmp_path / "s"


def certificate(study, change=0.0, weights=(), curve=None):
    """Of the first run, whose repetition scored `change` more."""
    before = record(0, 0.5, attention="none")
    after = replace(before, metrics={**before.metrics, "mAP": 0.5 + change}, curve=curve or [])
    again = folder_of(study.parent / "again", after)
    found = Repeat(again, before, after, compare(before, after), weights)
    return content_of(RunFolder(study / before.run_id), found)


@pytest.mark.parametrize(
    ("change", "weights", "word"),
    [
        (0.0, [], Word.SAME),
        (0.0, None, Word.SAME),
        (0.0, ["a"], Word.WITHIN),
        (1e-5, [], Word.WITHIN),
        (0.2, [], Word.DIFFERENT),
    ],
)
def test_the_word_follows_from_the_numbers(study, change, weights, word, tmp_path):
    content = certificate(study, change, weights)
    assert content["word"] == word.value
    (tmp_path / "c.json").write_text(json.dumps(sign(content)))
    found = read_certificate(tmp_path / "c.json")
    assert (found.word, found.study) == (word, "s")
    assert found.difference == pytest.approx(100 * change, abs=1e-9)


def test_the_interval_is_that_of_one_more_run(study):
    spread = spread_of([study])
    assert half_width(study) == pytest.approx(stats.t.ppf(0.975, spread.df) * spread.sd * math.sqrt(2))


def test_a_study_that_says_nothing_of_its_spread_allows_no_difference(tmp_path):
    folder_of(tmp_path / "s", record(0, 0.5, attention="none"))
    assert half_width(tmp_path / "s") is None
    assert certificate(tmp_path / "s", 1e-6)["word"] == Word.DIFFERENT.value


def test_another_curve_is_not_the_same(study):
    assert certificate(study, curve=[{"epoch": 0.0, "seconds": 1.0, "val/mAP": 0.1}])["word"] == Word.WITHIN.value


@pytest.mark.parametrize("broken", ["word", "format", "first", "half_width", "text", "list", "unsigned"])
def test_what_is_not_whole_or_does_not_follow_fails_closed(study, broken, tmp_path):
    content = certificate(study, 0.2)
    if broken == "word":
        content["word"] = Word.SAME.value
    elif broken == "format":
        content["format"] = "yololab certificate 2"
    elif broken == "first":
        content["first"] = {"metrics": "x"}
    elif broken == "half_width":
        del content["half_width"]
    text = json.dumps(content if broken == "unsigned" else sign(content))
    text = {"text": text[:-5], "list": "[]"}.get(broken, text)
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(YololabError, match="c.json: "):
        read_certificate(tmp_path / "c.json")
