"""`yololab export`: a trained detector in a format of others."""

from __future__ import annotations

import argparse
from pathlib import Path

from yololab.cli.model_options import load_model, split_words
from yololab.errors import ConfigError, YololabError
from yololab.run.find import find_run, find_study
from yololab.terminal import say, say_note

RECORDS = ("parquet", "records")


def run(options: argparse.Namespace) -> None:
    """Write the file, compare it with PyTorch, and say both."""
    if options.format in RECORDS:
        raise ConfigError(f"a study's records leave by: yololab records {options.model}")
    names, overrides = split_words([options.model, *options.more])
    if len(names) != 1:
        raise ConfigError(f"export: expected one run or file, got {', '.join(names) or 'none'}")
    _refuse_study(names[0])
    from yololab.inference.export import export
    from yololab.inference.export_options import ExportOptions

    model = load_model(options, names[0], overrides)
    chosen = ExportOptions(
        nms=options.nms,
        confidence=options.confidence,
        iou=options.iou,
        max_detections=options.max_detections,
        half=options.half,
        dynamic=options.dynamic,
        batch=options.batch,
    )
    found = export(model, options.format, options.output or _place(names[0], options), chosen)
    say(f"{found.path}: {found.checked}")
    if model.detector is not None and model.detector.head.shares_features:
        nms = model.card.evaluation.nms
        say_note(f"it holds the {model.detector.head.answer} branch, as recipe.evaluation.nms={nms} of the run asks")


def _refuse_study(name: str) -> None:
    """YololabError for a study, whose records this command once wrote."""
    if Path(name).is_file():
        return
    try:
        find_run(name)
    except YololabError:
        try:
            study = find_study(name)
        except YololabError:
            return
        raise ConfigError(
            f"{study}: a study; name one of its runs, or write its records: yololab records {name}"
        ) from None


def _place(name: str, options: argparse.Namespace) -> Path:
    """In the run's folder, as model.onnx, model_nms_half.onnx, ... so that forms do not replace each other; of a file
    alone beside it, under its name."""
    path = Path(name)
    folder, stem = (path.parent, path.stem) if path.is_file() else (find_run(name).path, "model")
    if folder.name == "checkpoints":
        folder = folder.parent
    forms = [] if options.checkpoint == "last" or path.is_file() else [options.checkpoint]
    forms += [form for form in ("nms", "half", "dynamic") if getattr(options, form)]
    forms += [f"batch{options.batch}"] if options.batch > 1 else []
    name = "weights" if options.format == "safetensors" and not path.is_file() else stem
    return folder / "_".join([name, *forms])
