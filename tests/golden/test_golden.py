"""The reference systems' tensors and figures, reproduced: one test per case of --golden-dir."""

from __future__ import annotations

import pytest

from golden.case import Case
from golden.detection import check_detection_loss, check_simota, check_tal, check_two_branches
from golden.evaluation import check_coco
from golden.figures import check_figures, check_shapes
from golden.index_graphs import check_index_graph
from golden.models import check_end_to_end
from golden.modules import check_module
from golden.overlap import check_overlap, check_pairwise
from golden.suppression import check_nms

ADAPTERS = {
    "modules": check_module,
    "iou": check_overlap,
    "pairwise": check_pairwise,
    "tal": check_tal,
    "simota_v6": check_simota,
    "simota_yolox": check_simota,
    "v8loss": check_detection_loss,
    "y9loss": check_detection_loss,
    "v10loss": check_two_branches,
    "yolo26loss": check_two_branches,
    "nms": check_nms,
    "coco_bbox": check_coco,
    "coco_segm": check_coco,
    "e2e": check_end_to_end,
    "e2e_formula": check_end_to_end,
    "figures": check_figures,
    "shapes": check_shapes,
    "index_graph": check_index_graph,
}


def test_reference_is_reproduced(golden_case: Case) -> None:
    adapter = ADAPTERS.get(golden_case.kind)
    if adapter is None:
        pytest.fail(f"no adapter for kind {golden_case.kind!r}; known: {', '.join(ADAPTERS)}")
    adapter(golden_case)
