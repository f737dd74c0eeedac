"""Records without training."""

from __future__ import annotations

from yololab.metrics.coco_eval import STAT_NAMES
from yololab.run.record import RunRecord


def record(
    seed: int = 0,
    score: float = 0.5,
    data: str = "d0",
    commit: str = "c0",
    science: dict | None = None,
    curve: list | None = None,
    metrics: dict | None = None,
    **choices: str,
) -> RunRecord:
    return RunRecord(
        run_id=f"r{abs(hash((seed, score, *choices.items()))) % 16**10:010x}",
        study="s",
        seed=seed,
        choices=choices,
        science={"seed": seed, "image_size": 64, **(science or {})},
        data_fingerprint=data,
        metrics=metrics or {**dict.fromkeys(STAT_NAMES, 0.0), "mAP": score, "mAP50": round(score + 0.2, 9)},
        per_class={},
        complexity={
            "params_train": 1000,
            "params_deploy": 900,
            "gflops_train": 1.5,
            "gflops_deploy": 1.4,
            "image_size": 64,
            "fingerprint": "f0",
        },
        images={"train": 10, "val": 5},
        curve=curve or [],
        durations={"total": 1.0, "epoch": 0.1},
        libraries={},
        machine={"system": "Linux", "processor": "p", "cores": 2, "threads": 2, "gpus": []},
        git={"commit": commit, "dirty": None},
    )
