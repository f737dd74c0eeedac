"""`yololab predict`: what a detector finds in images, videos, a camera or URLs, as pictures and files."""

from __future__ import annotations

import argparse
import contextlib
import signal
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from yololab.cli.model_options import load_model, split_words
from yololab.errors import ConfigError, ExitCode
from yololab.inference.loaded import Loaded, Thresholds
from yololab.inference.outputs import Outputs
from yololab.inference.prediction import Prediction
from yololab.inference.slices import sliced
from yololab.inference.sources import Complaint, Frame, is_live, read_frames, require_there
from yololab.terminal import say, say_note

SHOWN = 20
"""Images that get a line of their own; a folder of a thousand is summed up"""


def run(options: argparse.Namespace) -> int:
    """Predict, write, and sum up; FAILED where a file could not be read."""
    names, overrides = split_words([options.source, *options.more])
    if not names:
        raise ConfigError("predict: expected a source: an image, folder, 'glob', video, camera number or URL")
    for name in names:
        require_there(name)
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
        stack.enter_context(_terminated_as_interrupted())
        try:
            for frame, found in _found(model, options, names, thresholds, complain):
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
    model: Loaded, options: argparse.Namespace, sources: Sequence[str], thresholds: Thresholds, complain: Complaint
) -> Iterator[tuple[Frame, Prediction]]:
    frames = (frame for source in sources for frame in read_frames(source, complain))
    if options.slice is not None:
        return sliced(model, frames, thresholds, options.slice, options.overlap)
    live = any(is_live(source) for source in sources)  # whose frames come one by one, and are wanted at once
    return model.stream(frames, thresholds, 1 if live else options.batch)


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM, as of a cluster's end of time, stops as Ctrl-C does: what was found is kept."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _classes(text: str | None) -> list[str | int] | None:
    """Names or labels between commas."""
    parts = [part.strip() for part in text.split(",")] if text else None
    return None if parts is None else [int(part) if part.isdecimal() else part for part in parts]


def _place(frame: Frame) -> str:
    return frame.name if frame.number is None else f"{frame.name}, frame {frame.number}"


def _counted(found: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in found.most_common()) or "nothing found"
