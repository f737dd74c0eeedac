from __future__ import annotations

import io
import re
from types import SimpleNamespace

import pytest
from rich.console import Console

from yololab.training.bar import TrainingBar


def shown(width, steps):
    """What a terminal of this width is sent."""
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=width)
    bar = TrainingBar(console)
    trainer = SimpleNamespace(
        is_global_zero=True, current_epoch=2, max_epochs=30, num_training_batches=4, num_val_batches=[2],
        num_test_batches=[3],
    )  # fmt: skip
    bar.setup(trainer, None, "fit")
    steps(bar, trainer, console)
    bar.teardown(trainer, None, "fit")
    return stream.getvalue()


@pytest.mark.parametrize("width", [80, 120, 200])
def test_epochs_are_counted_as_the_lines_count_them_and_nothing_is_broken(width):
    def steps(bar, trainer, console):
        bar.on_train_epoch_start(trainer, None)
        bar.on_train_batch_end(trainer)
        bar._progress.refresh()
        bar.on_validation_start(trainer, None)
        bar._progress.refresh()
        console.print("a line")
        bar.on_test_start(trainer, None)
        bar._progress.refresh()

    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown(width, steps))
    assert "epoch 3/30" in text
    assert "1/4" in text
    assert "epoch 3/30 val" in text
    assert "test" in text
    assert "a line\n" in text
    assert all(len(line.rstrip("\r")) <= width for part in text.split("\n") for line in part.split("\r"))


def test_an_error_gives_the_cursor_back():
    def steps(bar, trainer, console):
        bar.on_exception(trainer, None, RuntimeError())

    text = shown(80, steps)
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
