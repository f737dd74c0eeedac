"""`yololab benchmark`: how fast detectors are, in turn on this machine; a study's table then has a column of it."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import torch
from rich.table import Table

from yololab.assemble import build_detector
from yololab.cli.model_options import load_model, numbers
from yololab.errors import ConfigError, YololabError
from yololab.inference.benchmark import Subject, benchmark
from yololab.inference.card import Card
from yololab.inference.load import device_of
from yololab.run.find import find_study, recorded
from yololab.run.folder import CONFIG_FILE, RunFolder
from yololab.run.provenance import device_name, machine
from yololab.run.record import RESULTS_FILE, RunRecord
from yololab.study.latency import Timing, write_latency
from yololab.study.records import records_and_damage
from yololab.study.rows import group_rows
from yololab.terminal import cell, say, say_note, show


def run(options: argparse.Namespace) -> None:
    """Measure, print a line per cell, and keep it in the study's latency.json where a study was named."""
    device = device_of(options.device)
    if options.threads is not None and options.threads < 1:
        raise ConfigError(f"--threads {options.threads}: expected at least 1")
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    studies = [name for name in options.models if _is_study(name)]
    if studies and len(options.models) > 1:
        raise ConfigError(f"benchmark: one study, or any number of runs and files; got {', '.join(options.models)}")
    if studies:
        study = find_study(studies[0])
        subjects, labels = _of_study(study, options.trust)
    else:
        study = None
        models = [load_model(options, name, []) for name in options.models]
        if any(model.detector is None for model in models):
            raise ConfigError(
                "benchmark: exported files are not timed by themselves; name the run, with onnx in --with"
            )
        subjects = {
            name: Subject(model.detector.deploy(), model.card)  # type: ignore[union-attr]
            for name, model in zip(options.models, models, strict=True)
        }
        labels = {name: name for name in subjects}
    batches, backends = numbers(options.batch, "--batch"), options.backends.split(",")
    found = benchmark(subjects, backends=backends, batches=batches, rounds=options.rounds, device=device)
    where = {
        "machine": {**machine(), "device": device_name(device)},
        "threads": torch.get_num_threads(),
        "rounds": options.rounds,
    }
    kept = write_latency(study, found, where) if study is not None else None
    if options.json:
        print(json.dumps({**where, "timings": {n: [asdict(t) for t in ts] for n, ts in found.items()}}, indent=1))
        return
    show(_table(found, labels, subjects))
    say(
        f"deploy form with decoding, without suppression; {options.rounds} rounds in turn; {device_name(device)}, "
        f"{torch.get_num_threads()} threads" + (f"; {kept}" if kept else "")
    )


def _is_study(name: str) -> bool:
    for path in (Path(name), Path("runs") / name):
        if path.is_dir():
            return not (path / CONFIG_FILE).is_file() and not (path / RESULTS_FILE).is_file()
    return False


def _of_study(study: Path, trust: bool) -> tuple[dict[str, Subject], dict[str, str]]:
    """Every distinct detector by its fingerprint, built anew: weights do not matter; and the rows it stands for."""
    records, damaged = records_and_damage(study)
    for text in damaged:
        say_note(text)
    if not records:
        raise YololabError(f"{study}: no finished run yet")
    subjects, labels = {}, {}
    for row in group_rows(records).rows:
        name = str(row.first.complexity["fingerprint"])
        labels[name] = f"{labels[name]}; {row.label}" if name in labels else row.label
        if name not in subjects:
            subjects[name] = _subject(row.first, study, trust)
    return subjects, labels


def _subject(record: RunRecord, study: Path, trust: bool) -> Subject:
    config, classes = recorded(RunFolder(study / record.run_id), record, trust)
    detector = build_detector(config, config["num_classes"] or len(classes))
    card = Card(record.run_id, config, classes, detector.max_stride, detector.head.predicts_masks)
    return Subject(detector.eval().deploy(), card)


def _table(found: dict[str, list[Timing]], labels: dict[str, str], subjects: dict[str, Subject]) -> Table:
    table = Table(title="milliseconds a batch", title_justify="left")
    table.add_column("detector", overflow="fold")
    for heading in ("size", "with", "batch", "median", "quartiles", "P95", "images/s"):
        table.add_column(heading, justify="left" if heading == "with" else "right")
    for name, timings in found.items():
        for timing in timings:
            texts = (f"{timing.median_ms:.2f}", f"{timing.low_ms:.2f} to {timing.high_ms:.2f}", f"{timing.p95_ms:.2f}")
            size = str(subjects[name].card.image_size)
            speed = f"{timing.images_per_second:,.1f}"
            table.add_row(cell(labels[name]), size, timing.backend, str(timing.batch), *texts, speed)
    return table
