"""Words that people bring from ultralytics, YOLOv5 and YOLOv9, and what says the same here."""

from __future__ import annotations

RENAMED = {
    "imgsz": "image_size",
    "img": "image_size",
    "batch": "recipe.batch_size",
    "batch_size": "recipe.batch_size",
    "epochs": "recipe.epochs",
    "lr0": "recipe.lr",
    "lr": "recipe.lr",
    "lrf": "recipe.final_lr",
    "optimizer": "recipe.optimizer",
    "momentum": "recipe.momentum",
    "weight_decay": "recipe.weight_decay",
    "warmup_epochs": "recipe.warmup_epochs",
    "warmup_momentum": "recipe.warmup_momentum",
    "warmup_bias_lr": "recipe.warmup_bias_lr",
    "close_mosaic": "recipe.close_mosaic",
    "patience": "recipe.patience",
    "freeze": "recipe.freeze",
    "nbs": "recipe.nominal_batch",
    "box": "loss.gains.box",
    "cls": "loss.gains.classes",
    "dfl": "loss.gains.distribution",
    "mosaic": "recipe.augment.mosaic",
    "mixup": "recipe.augment.mixup",
    "degrees": "recipe.augment.degrees",
    "translate": "recipe.augment.translate",
    "shear": "recipe.augment.shear",
    "fliplr": "recipe.augment.flip_lr",
    "flipud": "recipe.augment.flip_ud",
    "hsv_h": "recipe.augment.hsv_h",
    "hsv_s": "recipe.augment.hsv_s",
    "hsv_v": "recipe.augment.hsv_v",
    "conf": "recipe.evaluation.confidence",
    "iou": "recipe.evaluation.iou",
    "max_det": "recipe.evaluation.max_detections",
    "workers": "runtime.workers",
    "project": "runtime.root",
    "name": "study.name",
    "nc": "num_classes",
    "pretrained": "weights",
}
"""Keys by their names elsewhere"""
ANSWERS = {
    "device": "trainer.accelerator=cpu|gpu and trainer.devices=N say where; CUDA_VISIBLE_DEVICES says which",
    "resume": "type the same command again: it goes on where it stopped; ckpt_path=FILE goes on from another file",
    "amp": "recipe.precision=16-mixed or bf16-mixed",
    "half": "recipe.precision=16-mixed or bf16-mixed",
    "cos_lr": "recipe.schedule=cosine",
    "rect": "recipe.evaluation.rectangular=true",
    "cfg": "a model is a choice: model=yolov8 scale=n; yololab help lists commands, docs/configuration.md all choices",
    "hyp": "recipe=yolov8|yolov9|yolov6|yololab, and any of recipe.*",
    "exist_ok": "nothing to say: a run's folder is named after what it is, and no other run ever takes it",
    "val": "nothing to say: every epoch is evaluated; recipe.evaluation.every=N does so less often",
    "save_period": "checkpoint.minutes=N saves that often; last.ckpt and best.ckpt are always kept",
    "cache": "nothing to say: images are kept in memory as they are read",
    "verbose": "runtime.progress=true",
}
"""What has no key of its own"""


def answer(key: str) -> str | None:
    """What says the same here, in a sentence; None for words that nobody brings."""
    if key in RENAMED:
        return f"{key}: here it is {RENAMED[key]}"
    return f"{key}: {ANSWERS[key]}" if key in ANSWERS else None
