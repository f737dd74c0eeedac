"""COCO's 12 numbers and 9 per class, by both backends."""

from __future__ import annotations

from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from golden.case import Case
from yololab.metrics.coco_eval import evaluate


def check_coco(case: Case) -> None:
    case.only_tensors("in", "out")
    arrays, masks = case.arrays, case.kind == "coco_segm"
    with case.arguments() as arguments:
        height, width = arguments.take("image_hw")
        arguments.equals("n_img", len(arrays["in/image_ids"]))
        arguments.equals("n_cat", len(arrays["in/cat_ids"]))
        arguments.equals("n_gt", len(arrays["in/gt_image"]))
        arguments.equals("n_dt", len(arrays["in/dt_image"]))
        arguments.equals("n_crowd", int(arrays["in/gt_iscrowd"].sum()))
        arguments.set_aside(**dict.fromkeys(("seed", "ties", "heavy", "crowd"), "drew the boxes, which are stored"))
    truth = {
        "info": {},
        "images": [{"id": int(i), "height": height, "width": width} for i in arrays["in/image_ids"]],
        "categories": [{"id": int(c), "name": str(c)} for c in arrays["in/cat_ids"]],
        "annotations": [
            {
                "id": k + 1,
                "image_id": int(arrays["in/gt_image"][k]),
                "category_id": int(arrays["in/gt_cat"][k]),
                "area": float(arrays["in/gt_area"][k]),
                "iscrowd": int(arrays["in/gt_iscrowd"][k]),
                **_region(arrays, "gt", k, masks, (height, width)),
            }
            for k in range(len(arrays["in/gt_image"]))
        ],
    }
    found = [
        {
            "image_id": int(arrays["in/dt_image"][k]),
            "category_id": int(arrays["in/dt_cat"][k]),
            "score": float(arrays["in/dt_score"][k]),
            **{
                key: v
                for key, v in _region(arrays, "dt", k, masks, (height, width)).items()
                if not masks or key != "bbox"
            },
        }
        for k in range(len(arrays["in/dt_image"]))
    ]
    for backend in ("hotcoco", "pycocotools"):
        result = evaluate(truth, found, "segm" if masks else "bbox", backend)
        for name, got in (("stats", result.stats), ("per_class", result.per_class)):
            wanted = arrays[f"out/{name}"]
            undefined = wanted == -1  # ours is NaN there
            assert (np.isnan(got) == undefined).all(), f"{case.id} {backend} {name}: not defined where COCO's is"
            worst = np.abs(np.where(undefined, 0, got - wanted)).max()
            assert worst <= case.tolerance[name]["atol"], f"{case.id} {backend} {name}: off by {worst}"


def _region(arrays: dict[str, np.ndarray], side: str, k: int, masks: bool, size: tuple[int, int]) -> dict[str, Any]:
    if not masks:
        return {"bbox": arrays[f"in/{side}_bbox"][k].tolist()}
    bits = np.unpackbits(arrays[f"in/{side}_mask_bits"][k])[: size[0] * size[1]].reshape(size)
    rle = coco_mask.encode(np.asfortranarray(bits))
    return {"segmentation": rle, "bbox": coco_mask.toBbox(rle).tolist()}
