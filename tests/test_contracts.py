"""Every YAML file of conf/ is tested: parts by the contract of their kind, everything else by what it builds.

Names are read from conf/, so a new file needs no edit here; a new group does, and is asked for.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import parts
from parts import SMALL, choices, config_of, fits, make_detector
from yololab.config.compose import compose
from yololab.config.place import conf_dir
from yololab.errors import ConfigError

ROOT = Path(__file__).parents[1]
WITH_CONTRACT = {
    "assigner": "assigners",
    "attention": "attention",
    "block": "blocks",
    "data": "data",
    "head": "heads",
    "loss": "losses",
    "recipe": "training",
    "tracker": "trackers",
}
"""Groups whose choices keep the contract of tests/<folder>/test_contract.py."""
BUILT_HERE = {
    "aux", "backbone", "downsample", "experiment", "insert_pos", "model", "neck", "scale", "task", "trainer",
    "upsample",
}  # fmt: skip
OF_HYDRA = {"hydra"}
"""Launchers and sweepers; tests/cli sweeps with them."""
NESTED = {"model/family", "model/official"}
"""What several models share; every model is built."""


def test_every_group_of_conf_is_tested():
    groups = {path.name for path in conf_dir().iterdir() if path.is_dir()}
    assert groups == WITH_CONTRACT.keys() | BUILT_HERE | OF_HYDRA
    for folder in WITH_CONTRACT.values():
        text = (ROOT / "tests" / folder / "test_contract.py").read_text()
        assert "choices(" in text or "named(" in text, f"{folder}: its contract must read conf/"
    nested = {str(p.parent.relative_to(conf_dir())) for p in conf_dir().glob("[!h]*/*/*.yaml")}
    assert nested == NESTED


@pytest.mark.parametrize("model", choices("model"))
def test_a_model_builds_at_each_of_its_own_scales_and_says_its_name(model):
    config = config_of("model", model)
    assert config["model"]["name"] == model
    sizes = {}
    for scale in config["model"]["scales"]:
        detector = make_detector("model", model, None, f"scale={scale}", "num_classes=3")
        sizes[scale] = sum(parameter.numel() for parameter in detector.parameters())
    assert len(set(sizes.values())) == len(sizes), f"two scales of {model} are the same network: {sizes}"


@pytest.mark.parametrize("scale", choices("scale"))
def test_a_scale_belongs_to_some_model_and_overrides_nothing_by_itself(scale):
    tables = [config_of("model", model)["model"]["scales"] for model in choices("model")]
    assert any(scale in table for table in tables)
    of_its_own = next(m for m, table in zip(choices("model"), tables, strict=True) if scale in table)
    assert config_of("scale", scale, None, f"model={of_its_own}")["scale"]["name"] == scale


LEVELS = ((), ("head.from=[neck.p4,neck.p5]", "aux=none"))
"""What a head reads; YOLOv3-tiny has two levels"""


@pytest.mark.parametrize("choice", choices("backbone"))
def test_a_backbone_feeds_a_neck(choice):
    assert any(fits("backbone", choice, None, f"neck={neck}", *levels) for neck in choices("neck") for levels in LEVELS)


@pytest.mark.parametrize("choice", choices("neck"))
def test_a_neck_feeds_a_head(choice):
    backbones = choices("backbone")
    assert any(fits("neck", choice, None, f"backbone={one}", *levels) for one in backbones for levels in LEVELS)


@pytest.mark.parametrize("choice", [choice for choice in choices("aux") if choice != "none"])
def test_an_auxiliary_branch_feeds_a_head_that_reads_it(choice):
    assert any(
        fits("aux", choice, None, "head=dual_ddetect", f"backbone={backbone}") for backbone in choices("backbone")
    )


@pytest.mark.parametrize("model", choices("model"))
@pytest.mark.parametrize("choice", choices("insert_pos"))
def test_an_insertion_finds_its_place_in_every_model(choice, model):
    detector = make_detector("insert_pos", choice, None, f"model={model}", "attention=eca", *SMALL)
    assert [name for name in detector.graph.names if name.endswith("attention")]


@pytest.mark.parametrize(
    ("group", "choice"), [(group, choice) for group in ("task", "trainer") for choice in choices(group)]
)
def test_a_task_and_a_trainer_compose_and_build(group, choice):
    assert make_detector(group, choice, None, "num_classes=3").num_classes == 3


@pytest.mark.parametrize("choice", choices("experiment"))
def test_an_experiment_composes_builds_and_names_its_study(choice):
    assert config_of("experiment", choice)["study"]["name"] == choice
    make_detector("experiment", choice)


def one_of_each(group, choice, folder):
    """What the contract of each group does first with a choice; raises where it cannot."""
    match group:
        case "attention":
            parts.make_attention(choice, folder)
        case "block":
            parts.make_block(choice, folder)
        case "assigner":
            parts.make_assigner(choice, folder)
        case "loss":
            parts.make_box_loss(choice, folder)
        case "data":
            parts.make_source(choice, folder)
        case "tracker":
            parts.tracker_class(choice, folder)
        case "recipe":
            config_of("recipe", choice, folder)
        case _:
            beside = {"aux": ["head=dual_ddetect"], "insert_pos": ["attention=eca"]}
            make_detector(group, choice, folder, *SMALL, *beside.get(group, []))


GLOBAL = "# @package _global_\n"
NODE = "nodes: {stem: {block: NoSuchBlock, from: image, channels: 8}}\noutputs: {p3: stem, p4: stem, p5: stem}\n"
BROKEN = {
    "assigner": ["_target_: yololab.assigners.Nobody", "_target_: yololab.losses.CIoULoss"],
    "attention": ["_target_: yololab.attention.Nothing", "_target_: yololab.blocks.SPPF"],
    "aux": [NODE],
    "backbone": [NODE],
    "block": ["_target_: yololab.blocks.C9", "_target_: yololab.losses.CIoULoss"],
    "data": ["_target_: yololab.data.NoSource", "_target_: yololab.blocks.SPPF", "_target_: yololab.data.VOCSource"],
    "downsample": ["_target_: yololab.blocks.Nothing", "_target_: yololab.blocks.SPPF"],
    "upsample": ["_target_: yololab.blocks.Nothing", "_target_: yololab.blocks.SPPF"],
    "experiment": [GLOBAL + "loss: {box: {_target_: yololab.losses.NoLoss}}"],
    "head": [
        GLOBAL + "defaults: [detect]\nhead: {block: yololab.heads.NoHead}",
        GLOBAL + "defaults: [detect]\nhead: {from: [neck.p9]}",
        GLOBAL + "head: {block: yololab.heads.Detect, from: [neck.p3, neck.p4, neck.p5]}",  # no loss.gains
    ],
    "insert_pos": ["{into: [], after: [backbone.nowhere]}"],
    "loss": ["box: {_target_: yololab.losses.NoLoss}", "box: {_target_: yololab.assigners.ATSS}"],
    "model": [GLOBAL + "defaults: [yolov8]\nscale: {name: nowhere}"],
    "neck": [NODE],
    "recipe": ["{defaults: [base], optimizer: sdg}", "{defaults: [base], epochs: many}"],
    "scale": ["{name: broken, depth: null, width: null, max_channels: null}"],
    "task": [GLOBAL + "defaults: [override /head: no_head]"],
    "tracker": ["_target_: yololab.trackers.Nobody", "_target_: yololab.losses.CIoULoss"],
    "trainer": ["{defaults: [nowhere]}"],
}


@pytest.mark.parametrize(("group", "text"), [(group, text) for group, texts in BROKEN.items() for text in texts])
def test_a_broken_file_that_is_added_is_found_and_fails(group, text, tmp_path):
    (tmp_path / group).mkdir()
    (tmp_path / group / "broken.yaml").write_text(text + "\n")
    assert "broken" in choices(group, tmp_path)
    with pytest.raises(ConfigError):
        one_of_each(group, "broken", tmp_path)


SOUND = {
    "attention": "eca", "block": "c3", "tracker": "wandb", "aux": "top_down", "scale": "n", "downsample": "adown",
    "upsample": "carafe",
}  # fmt: skip
"""What is copied of groups whose first choice would say nothing"""


@pytest.mark.parametrize("group", BROKEN)
def test_a_sound_file_that_is_added_is_found_and_passes(group, tmp_path):
    (tmp_path / group).mkdir()
    sound = SOUND.get(group, choices(group)[0])
    source = conf_dir() / group / f"{sound}.yaml"
    shutil.copy(source, tmp_path / group / "sound.yaml")
    assert "sound" in choices(group, tmp_path)
    one_of_each(group, "sound", tmp_path)


def test_every_group_has_been_broken():
    assert BROKEN.keys() == WITH_CONTRACT.keys() | BUILT_HERE


def test_a_wrong_choice_in_a_folder_of_ones_own_is_told_by_composing(tmp_path):
    with pytest.raises(ConfigError, match="--config-dir .*nowhere: no such folder"):
        compose([], str(tmp_path / "nowhere"))


@pytest.mark.parametrize(("model", "output"), [("yolov8", "spp"), ("yolov8_p6", "spp"), ("yolo26_p6", "psa")])
def test_the_neck_is_entered_from_the_deepest_output(model, output):
    detector = make_detector("insert_pos", "neck", None, f"model={model}", "attention=eca", *SMALL, "image_size=128")
    [node] = [node for node in detector.graph.nodes if node.name.endswith("attention")]
    assert node.inputs == (f"backbone.{output}",)
    assert detector.specs[node.name].stride == detector.max_stride
