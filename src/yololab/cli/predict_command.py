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
from yololab.inference.sources import Frame, read_frames
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
        options.classes.split(",") if options.classes else None,
        options.max_detections,
        options.class_agnostic,
    )
    model = load_model(options, options.model, overrides)
    failures: list[str] = []

    def complain(text: str) -> None:
        failures.append(text)
        say_note(text)

    kinds = [kind for kind in options.save.split(",") if kind]
    default = Path("predictions") / model.card.name.replace("/", "_")
    totals, shown = Counter[str](), 0
    with contextlib.ExitStack() as stack:
        outputs = stack.enter_context(Outputs(options.output or default, kinds))
        try:
            for frame, found in _found(model, options, thresholds, complain):
                outputs.add(frame, found)
                totals.update(found.names)
                shown += 1
                if shown <= SHOWN:
                    say(f"{_place(frame)}: {_counted(Counter(found.names))}")
                elif shown == SHOWN + 1:
                    say("... further images are counted below")
        except KeyboardInterrupt:
            say_note("stopped; what was found until here is kept")
    say(f"{shown} image{'s' * (shown != 1)}, {_counted(totals)}; {outputs.folder or 'nothing was written'}")
    return ExitCode.FAILED if failures else ExitCode.DONE


def _found(
    model: Loaded, options: argparse.Namespace, thresholds: Thresholds, complain: object
) -> Iterator[tuple[Frame, Prediction]]:
    frames = read_frames(options.source, complain)  # type: ignore[arg-type]
    if options.slice is not None:
        return sliced(model, frames, thresholds, options.slice, options.overlap)
    return model.stream(frames, thresholds, options.batch)


def _place(frame: Frame) -> str:
    return frame.name if frame.number is None else f"{frame.name}, frame {frame.number}"


def _counted(found: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in found.most_common()) or "nothing found"
