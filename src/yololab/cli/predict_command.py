"""`yololab predict`: what a detector finds in images, videos, a camera or URLs, as pictures and files."""

from __future__ import annotations

import argparse
import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from yololab.cli.model_options import load_model, split_words
from yololab.errors import ConfigError, ExitCode
from yololab.inference.loaded import Loaded, Thresholds
from yololab.inference.outputs import Outputs
from yololab.inference.prediction import Prediction
from yololab.inference.slices import sliced
from yololab.inference.sources import Complaint, Frame, read_frames
from yololab.terminal import say, say_note

SHOWN = 20
"""Images that get a line of their own; a folder of a thousand is summed up"""


def run(options: argparse.Namespace) -> int:
    """Predict, write, and sum up; FAILED where a file could not be read."""
    names, overrides = split_words([options.source, *options.more])
    if len(names) != 1:
        raise ConfigError(f"predict: expected one source, got {', '.join(names) or 'none'}; quote a pattern: '*.jpg'")
    thresholds = Thresholds(
        options.confidence,
        options.iou,
        _classes(options.classes),
        options.max_detections,
        options.class_agnostic,
    )
    model = load_model(options, options.model, overrides)
    failures: list[str] = []

    def complain(text: str) -> None:
        failures.append(text)
        say_note(text)

    kinds = [kind for kind in options.save.split(",") if kind]
    default = Path("predictions") / (model.card.name.replace("/", "_").strip(".") or "model")
    totals, shown, stopped = Counter[str](), 0, False
    with contextlib.ExitStack() as stack:
        outputs = stack.enter_context(Outputs(options.output or default, kinds))
        try:
            for frame, found in _found(model, options, names[0], thresholds, complain):
                outputs.add(frame, found)
                totals.update(found.names)
                shown += 1
                if shown <= SHOWN:
                    say(f"{_place(frame)}: {_counted(Counter(found.names))}")
                elif shown == SHOWN + 1:
                    say("... further images are counted below")
        except KeyboardInterrupt:
            stopped = True
            say_note("stopped; what was found until here is kept")
    say(f"{shown} image{'s' * (shown != 1)}, {_counted(totals)}; {outputs.folder or 'nothing was written'}")
    return ExitCode.INTERRUPTED if stopped else ExitCode.FAILED if failures else ExitCode.DONE


def _found(
    model: Loaded, options: argparse.Namespace, source: str, thresholds: Thresholds, complain: Complaint
) -> Iterator[tuple[Frame, Prediction]]:
    frames = read_frames(source, complain)
    if options.slice is not None:
        return sliced(model, frames, thresholds, options.slice, options.overlap)
    return model.stream(frames, thresholds, options.batch)


def _classes(text: str | None) -> list[str | int] | None:
    """Names or labels between commas."""
    parts = [part.strip() for part in text.split(",")] if text else None
    return None if parts is None else [int(part) if part.isdecimal() else part for part in parts]


def _place(frame: Frame) -> str:
    return frame.name if frame.number is None else f"{frame.name}, frame {frame.number}"


def _counted(found: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in found.most_common()) or "nothing found"
