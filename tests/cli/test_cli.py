from __future__ import annotations

import json
import subprocess
import sys

import pytest

from yololab.cli.main import main
from yololab.config.compose import compose
from yololab.config.identity import run_id, science
from yololab.errors import ConfigError


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "attention=cbm",
            r"attention=cbm: there is no such choice; did you mean 'cbam'\? Choices of attention: ca, cbam",
        ),
        ("model=yolo8", "did you mean 'yolov8'"),
        ("atention=cbam", "atention: there is no such key; did you mean 'attention'"),
        ("recipe.epoch=3", "recipe.epoch: there is no such key; did you mean 'recipe.epochs'"),
        ("seed=abc", "seed: Value 'abc' of type 'str' could not be converted to Integer"),
        ("seed=-1", "seed=-1: expected at least 0"),
        ("recipe.epochs=0", "recipe.epochs=0: expected at least 1"),
        ("recipe.lr=fast", "recipe.lr: Value 'fast'"),
        ("recipe.optimizer=sdg", "expected one of sgd, adamw; did you mean 'sgd'"),
        ("recipe.precision=16", "expected one of 32-true, 16-mixed, bf16-mixed"),
        ("recipe.evaluation.backend=coco", "expected one of hotcoco, pycocotools"),
        ("tracker.mode=onlin", "did you mean 'online'"),
        ("runtime.workers=many", "runtime.workers=many: expected auto or a number from 0"),
        ("study.name=a/b", "study.name='a/b': expected a name that can be a folder"),
    ],
)
def test_a_typo_gets_a_short_message_with_the_nearest_name(override, message):
    with pytest.raises(ConfigError, match=message):
        compose([override])


def ids(*overrides):
    return run_id(science(compose(list(overrides))), "data", "graph")


def test_a_runs_identity_is_its_science():
    assert ids() == ids("runtime.root=/elsewhere", "tracker=none", "study.name=other", "runtime.workers=3")
    assert len({ids(), ids("seed=1"), ids("recipe.lr=0.02"), ids("image_size=320"), ids("loss=siou")}) == 5


def test_an_identity_is_a_letter_and_ten_hexadecimal_digits():
    assert len(ids()) == 11
    assert ids()[0] == "r"
    int(ids()[1:], 16)


def test_where_the_data_lies_is_no_part_of_the_identity():
    assert ids("data=bccd", "data.root=/a") == ids("data=bccd", "data.root=/b")


def test_checking_resolves_interpolations():
    assert compose(["data=voc", "data.root=/a"])["data"]["root"] == "/a"


def test_profile_prints_the_promised_keys(capsys):
    main(["profile", "model=yolov8", "--json", "block=c2f_ghost_dynamic", "num_classes=80"])
    content = json.loads(capsys.readouterr().out)
    assert content["params_train"] == 2_331_328
    assert content["params_trainable"] == 2_331_312
    assert round(content["gflops_train"], 2) == 6.46
    assert round(content["gflops_reference"], 1) == 6.5
    assert {"params_deploy", "gflops_deploy", "fingerprint"} <= content.keys()
    # The per-layer column that the tutorial prints.
    expected = "464 4672 3624 18560 18320 73984 69392 295424 200968 164608 0 0 84104 0 0 21576 36992 0 59528 147712 0"
    expected += " 233736 897664"
    assert [node["parameters"] for node in content["nodes"]] == [int(number) for number in expected.split()]


def test_profile_for_the_terminal_names_nodes_and_totals(capsys):
    main(["profile", "scale=p", "attention=eca"])
    text = capsys.readouterr().out
    assert "neck.spp_attention" in text
    assert "parameters, deploy form" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["profile", "attention=cbm"], "did you mean 'cbam'"),
        (["table", "/no/such/study"], "no such study folder"),
        (["tabel"], "there is no command 'tabel'; did you mean 'table'"),
    ],
)
def test_errors_are_one_line_and_exit_with_2(arguments, message, capsys):
    with pytest.raises(SystemExit) as exit_info:
        main(arguments)
    assert exit_info.value.code == 2
    text = capsys.readouterr().err
    assert message in text
    assert "Traceback" not in text


def test_the_train_command_explains_a_wrong_choice_without_a_traceback():
    done = subprocess.run(
        [sys.executable, "-m", "yololab.cli.main", "train", "head=detekt"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "head=detekt: there is no such choice; did you mean 'detect'?" in done.stderr
    assert "Traceback" not in done.stderr
