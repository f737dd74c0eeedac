"""The record of a run that has just ended, from everything that is known about it."""

from __future__ import annotations

from typing import Any

from yololab.fit import Outcome
from yololab.hardware import library_versions, machine, peak_memory
from yololab.metrics.coco_eval import PER_CLASS_NAMES
from yololab.prepare import Prepared
from yololab.study.record import RunRecord
from yololab.study.session import Session
from yololab.trackers.wandb_tracker import WandbTracker
from yololab.training.callbacks import EpochRows
from yololab.weights import content_hash


def make_record(
    prepared: Prepared, outcome: Outcome, rows: EpochRows, tracker: WandbTracker | None, session: Session | None
) -> RunRecord:
    """The record; call it when training, evaluation and pictures are done, since it holds the time that they took."""
    epoch_seconds = [row["seconds"] for row in rows.rows]
    evaluation, identity = outcome.evaluation, prepared.identity
    return RunRecord(
        run_id=prepared.run_id,
        study=prepared.cfg.study.name,
        seed=prepared.cfg.seed,
        choices=prepared.cell.choices,
        overrides=list(prepared.cell.overrides),
        science=identity.science,
        data_fingerprint=identity.data_fingerprint,
        metrics=evaluation.metrics,
        per_class={
            name: dict(zip(PER_CLASS_NAMES, numbers.tolist(), strict=True))
            for name, numbers in zip(prepared.val.classes, evaluation.result.per_class, strict=True)
        },
        images={"train": len(prepared.train.records), "val": len(prepared.val.records)},
        complexity=prepared.complexity.to_dict(),
        curve=list(rows.rows),
        durations={
            "total": session.seconds if session else sum(epoch_seconds),
            "epoch": sum(epoch_seconds) / max(len(epoch_seconds), 1),
        },
        attempts=session.claim.number if session else 1,
        pruned=outcome.pruned,
        peak_memory=peak_memory(),
        libraries=library_versions(),
        machine=machine(),
        git=outcome.git,
        data_problems={"train": prepared.train.problems.counts(), "val": prepared.val.problems.counts()},
        wandb_id=tracker.run_id if tracker else None,
        checkpoints={path.name: content_hash(str(path)) for path in sorted(prepared.folder.checkpoints.glob("*.ckpt"))},
    )


def wandb_summary(record: RunRecord) -> dict[str, Any]:
    """What the tracker shows for a finished run."""
    return {
        **record.metrics,
        **{k: v for k, v in record.complexity.items() if k.startswith(("params", "gflops"))},
        "seconds_per_epoch": record.durations["epoch"],
        **{f"AP/{name}": numbers["AP"] for name, numbers in record.per_class.items()},
    }
