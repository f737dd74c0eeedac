"""The story of one run: say what it is, train, judge the last epoch, draw, record."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from rich.console import Console

from yololab.config.remarks import remark_on_batch, remarks_on
from yololab.config.target import TARGET, instantiate
from yololab.config.trust import trust_of, trusting
from yololab.detector.complexity import node_rows
from yololab.files import content_hash, write_text
from yololab.run.detections import write_detections
from yololab.run.diagnosis import diagnose
from yololab.run.energy import EnergyMeter, gpus_of
from yololab.run.fit import Outcome, fit
from yololab.run.pictures import PREDICTIONS, draw_confusion, draw_precision_recall, draw_predictions
from yololab.run.prepare import Prepared
from yololab.run.provenance import git_state, library_versions, machine, peak_memory
from yololab.run.record import RunRecord
from yololab.run.session import Session
from yololab.run.status import State
from yololab.statistics.operating_point import operating_point
from yololab.terminal import say, say_note
from yololab.trackers.base import GraphTable, TrackedRun, Tracker, title_of
from yololab.trackers.picture import Picture
from yololab.training.stop import Interrupted, StopRequest

console = Console()


def execute(prepared: Prepared, stop: StopRequest, session: Session | None) -> RunRecord:
    """Run a prepared and claimed run to its record; without a `session`, as a further rank of a distributed one."""
    if session is None:
        return _record(prepared, fit(prepared, None, stop, None), git_state(), None, None)
    folder = prepared.folder
    git = git_state(keep_in=folder.path)  # the code as it is before anything is trained
    _say_what_runs(prepared)
    tracker = _make_tracker(prepared)
    try:
        with EnergyMeter(gpus_of(prepared.config["trainer"])) as meter:
            outcome = fit(prepared, tracker and tracker.logger, stop, session)
            energy = meter.joules()
        if session.lost:
            raise Interrupted("another process took this run over")
        session.closing()
        point = operating_point(write_detections(outcome.evaluation, folder.path))
        pictures = _draw(prepared, outcome)
        record = _record(prepared, outcome, git, session, tracker and tracker.external_id)
        metrics = {**record.metrics, **(point.metrics() if point else {})}
        record = replace(record, metrics=metrics, energy=energy)
        path = record.write(folder.path)
        session.finish(State.DONE)
        if tracker is not None:
            tracker.finish(record.summary(), pictures)
    except BaseException:
        if tracker is not None:
            tracker.abandon()
        raise
    say(f"{record.headline()}; {path}", console)
    return record


def _say_what_runs(prepared: Prepared) -> None:
    for name, data in prepared.splits.by_name.items():
        summary = data.problems.summary(f"data, {name} split")
        if summary:
            say(summary, console)
            write_text(prepared.folder.path / f"data_problems_{name}.json", data.problems.to_json())
    counts = prepared.complexity
    headline = (
        f"{prepared.run_id} {prepared.detector.graph.name}: {counts.params_train:,} parameters, "
        f"{counts.gflops_train:.3f} GFLOPs at {counts.image_size}; seed {prepared.config['seed']}; "
        f"{prepared.folder.path}"
    )
    say(headline, console)
    say(f"data: {prepared.splits.summary()}", console)
    for remark in prepared.detector.graph.remarks:
        say(remark, console)
    batch, images = prepared.config["recipe"]["batch_size"], len(prepared.splits.train.records)
    for remark in [*remarks_on(prepared.config), *remark_on_batch(batch, images)]:
        say_note(remark, console)
    if prepared.transfer is not None:
        say(prepared.transfer.summary(), console)
        write_text(prepared.folder.path / "transfer.json", prepared.transfer.to_json())


def _make_tracker(prepared: Prepared) -> Tracker | None:
    chosen = prepared.config["tracker"]
    if chosen.get(TARGET) is None:
        return None
    known = {**prepared.identity.science, "choices": dict(prepared.spec.choices)}
    title = title_of(prepared.spec.overrides, prepared.config["seed"])
    study = prepared.config["study"]["name"]
    run = TrackedRun(prepared.run_id, study, prepared.folder.path, known, title, partial(_graph_of, prepared))
    with trusting(trust_of(prepared.config)):
        return instantiate(chosen, Tracker, "tracker", run)


def _graph_of(prepared: Prepared) -> GraphTable:
    rows = node_rows(prepared.detector, prepared.complexity.image_size)
    reads = {node.name: " ".join(node.inputs) for node in prepared.detector.graph.nodes}
    lines = [
        (row.name, row.block, reads[row.name], "x".join(map(str, row.shape)), row.parameters, round(row.gflops, 6))
        for row in rows
    ]
    return GraphTable(lines=lines)


def _draw(prepared: Prepared, outcome: Outcome) -> list[Picture]:
    """Draw the evaluation; the pictures that show predictions."""
    folder, evaluation = prepared.folder.path, outcome.evaluation
    judged = prepared.splits.by_name[prepared.splits.final]
    pictures = draw_predictions(judged, evaluation, prepared.config["runtime"]["pictures"], folder / PREDICTIONS)
    draw_precision_recall(evaluation, judged.classes, folder / "precision_recall.png")
    diagnosis = diagnose(evaluation, judged.classes)
    diagnosis.write(folder)
    draw_confusion(diagnosis.confusion, judged.classes, folder / "confusion.png")
    return pictures


def _record(
    prepared: Prepared, outcome: Outcome, git: dict[str, Any], session: Session | None, tracker_id: str | None
) -> RunRecord:
    """Made when training, evaluation and pictures are done, since it holds the time that they took."""
    epoch_seconds = [row["seconds"] for row in outcome.rows.rows]
    evaluation, identity, splits = outcome.evaluation, prepared.identity, prepared.splits
    return RunRecord(
        run_id=prepared.run_id,
        study=prepared.config["study"]["name"],
        seed=prepared.config["seed"],
        choices=prepared.spec.choices,
        overrides=list(prepared.spec.overrides),
        science=identity.science,
        data_fingerprint=identity.data_fingerprint,
        metrics=evaluation.metrics,
        per_class=evaluation.per_class(splits.train.classes),
        classes=list(splits.train.classes),
        final=splits.final,
        validation={} if splits.final == "val" else outcome.validation.metrics,
        training=outcome.training,
        remarks=list(prepared.detector.graph.remarks),
        images={name: len(data.records) for name, data in splits.by_name.items()},
        complexity=prepared.complexity.to_dict(),
        curve=list(outcome.rows.rows),
        durations={
            "total": session.seconds if session else sum(epoch_seconds),
            "epoch": sum(epoch_seconds) / max(len(epoch_seconds), 1),
        },
        attempts=session.claim.number if session else 1,
        pruned=outcome.pruned,
        peak_memory=peak_memory(),
        libraries=library_versions(),
        machine={**machine(), "device": outcome.device},
        git=git,
        data_problems={name: data.problems.counts() for name, data in splits.by_name.items()},
        wandb_id=tracker_id,
        checkpoints={path.name: content_hash(str(path)) for path in sorted(prepared.folder.checkpoints.glob("*.ckpt"))},
    )
