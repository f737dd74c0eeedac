"""A typo gets a short message with the nearest name."""

from __future__ import annotations

import pytest

from yololab.config.compose import compose
from yololab.config.explain import explain
from yololab.errors import ConfigError


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "attention=cbm",
            r"attention=cbm: there is no such choice; did you mean 'cbam'\? Choices of attention: bam, ca, caa, cbam",
        ),
        ("model=yolo8", "did you mean 'yolov8'"),
        ("atention=cbam", "atention: there is no such key; did you mean 'attention'"),
        ("recipe.epoch=3", "recipe.epoch: there is no such key; did you mean 'recipe.epochs'"),
        ("+seed=1", r"\+seed: the key is there already: write it without \+"),
        ("seed=abc", "seed: Value 'abc' of type 'str' could not be converted to Integer"),
        ("seed=-1", "seed=-1: expected at least 0"),
        ("recipe.epochs=0", "recipe.epochs=0: expected at least 1"),
        ("recipe.lr=fast", "recipe.lr: Value 'fast'"),
        ("recipe.optimizer=sdg", "expected one of sgd, adamw, muon, auto; did you mean 'sgd'"),
        ("recipe.precision=16", "expected one of 32-true, 16-mixed, bf16-mixed"),
        ("recipe.evaluation.backend=coco", "expected one of hotcoco, pycocotools"),
        ("tracker.mode=onlin", "did you mean 'online'"),
        ("runtime.workers=many", "runtime.workers=many: expected auto or a number from 0"),
        (
            "data.root=/x",
            r"data.root: the chosen data has no such key; it belongs to data=bccd, coco, voc, yolo: add one",
        ),
        (
            "attention=none,cbam",
            r"attention=none,cbam: several values are a sweep: add -m before it; a list is written",
        ),
        ("attention=cbam,", "attention=cbam, ends with a comma: a blank ends a word, so write values without any"),
        ("eca", "eca: expected key=value; a blank ends a word"),
        ("model=yolov8n.pt", "model=yolov8n.pt: a model is a name, as in model=yolov8 scale=n; a file of weights is"),
        ("data=coco128.yaml", "data=coco128.yaml: a data set is a format and a place, as in data=yolo data.root="),
        ("attention=[1,2]", "the overrides cannot be composed .*; a group's choice is one name, as in attention=cbam"),
        ("attention=[[1]]", "the overrides cannot be composed"),
        ("attention=[]", "attention"),
        ("num_classes='???'", "num_classes"),
        ("study.name=a/b", "study.name='a/b': expected a name that can be a folder"),
    ],
)
def test_a_typo_gets_a_short_message_with_the_nearest_name(override, message):
    with pytest.raises(ConfigError, match=message):
        compose([override])


def test_a_class_over_a_chosen_attention_is_told_how():
    message = (
        r"\+attention._target_: a chosen attention has its own: write attention=none attention._target_=\.\.\. without"
    )
    with pytest.raises(ConfigError, match=message):
        compose(["attention=eca", "+attention._target_=my_gate.MyGate"])


def test_a_key_of_an_earlier_version_says_what_it_is_called_now():
    with pytest.raises(ConfigError, match="^runtime.cell is called runtime.folder now$"):
        compose(["runtime.cell=runs/x/r0123456789"])


def test_an_error_of_ours_is_not_hydras_whatever_folder_we_lie_in():
    places = {"__name__": "yololab.study.table"}
    exec(
        compile("def broken():\n    raise TypeError('ours')", "/home/me/hydra/src/yololab/study/table.py", "exec"),
        places,
    )
    with pytest.raises(TypeError) as error:
        places["broken"]()
    assert explain(error.value) is None
