"""Any with any: a covering array, in which every pair of choices of two groups meets at least once.

Arrays of all pairs find what two choices do to each other with a hundredth of the combinations. `make test` has one
over some choices of each group, `make test-slow` one over all of them, exported to ONNX and read back too.
"""

from __future__ import annotations

import itertools

import pytest
import torch
from allpairspy import AllPairs

from cell import check
from parts import choices

SOME = {
    "model": ["yolov5", "yolov6", "yolov8", "yolov9", "yolov10", "yolo11", "yolo26"],
    "attention": ["cbam", "simam", "mhsa", "lska", "triplet"],
    "insert_pos": ["neck", "all_heads"],
    "block": ["default", "c3k2", "c2f_dynamic", "rep_ncsp_elan"],
    "upsample": ["default", "carafe", "dysample"],
    "downsample": ["default", "adown", "spdconv", "hwd"],
    "head": ["detect", "dual_ddetect", "effide", "one_to_one_direct"],
    "loss": ["ciou", "wiou_v3", "nwd", "piou2"],
    "assigner": ["tal_84", "simota", "static", "atss"],
}
OTHER_LEVELS = [model for model in choices("model") if model.endswith(("_p2", "_p6", "_tiny"))]
WITHOUT_STAGES = ("yolov3", "yolov3_spp", "yolov3_tiny")
WITHOUT_UPSAMPLING = ("yolov6_3",)
"""Its levels meet inside of BiFusion"""
UNEVEN = ("gelan_m", "yolov9_m")
"""A quarter as wide they have 120 channels, which ShuffleAttention refuses"""
MASKS = [head for head in choices("head") if "segment" in head]
"""Heads with masks need data that have them; tests/heads and tests/losses train them"""


def goes(row):
    """Whether choices go together, as far as a row is filled; what is left out is refused by name, which is tested."""
    found = dict(zip(SOME, row, strict=False))
    dual_of_other_levels = found.get("head") == "dual_ddetect" and found["model"] in OTHER_LEVELS
    stages_of_none = found.get("block", "default") != "default" and found["model"] in WITHOUT_STAGES
    up_of_none = found.get("upsample", "default") != "default" and found["model"] in WITHOUT_UPSAMPLING
    uneven = found.get("attention") == "shuffle" and found["model"] in UNEVEN
    return not any((dual_of_other_levels, stages_of_none, up_of_none, uneven))


def array(groups):
    return [list(row) for row in AllPairs(list(groups.values()), filter_func=goes)]


def overrides(row):
    return ["image_size=128", "scale.width=0.25", "scale.depth=0.1"] + [
        f"{group}={choice}" for group, choice in zip(SOME, row, strict=True)
    ]


ROWS = array(SOME)
ALL = {
    group: [choice for choice in choices(group) if choice not in (*MASKS, "none")] for group in SOME
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids="-".join)
def test_every_pair_of_choices_trains_evaluates_and_deploys(row):
    check(overrides(row))


def test_the_array_has_every_pair():
    for first, second in itertools.combinations(range(len(SOME)), 2):
        groups = list(SOME.values())
        wanted = set(itertools.product(groups[first], groups[second]))
        assert wanted <= {(row[first], row[second]) for row in ROWS}


@pytest.mark.slow
@pytest.mark.parametrize("index", range(len(array(ALL))))
def test_every_pair_of_all_choices_also_exports_and_round_trips(index, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    from yololab.inference.exported import Exported

    row = array(ALL)[index]
    detector, deployed = check(overrides(row))
    again, _ = check(overrides(row))
    again.load_state_dict(detector.state_dict())
    image = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(again.eval()(image).scores, detector.eval()(image).scores)
        module = Exported(deployed)
        torch.onnx.export(module, (image,), tmp_path / "m.onnx", dynamo=False, opset_version=17)
        expected = module(image)
    session = onnxruntime.InferenceSession(str(tmp_path / "m.onnx"), providers=["CPUExecutionProvider"])
    for got, want in zip(session.run(None, {session.get_inputs()[0].name: image.numpy()}), expected, strict=True):
        torch.testing.assert_close(torch.from_numpy(got), want, rtol=1e-3, atol=1e-3)
