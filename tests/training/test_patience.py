from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from yololab.training.patience import Patience


def told(patience, scores, start=0, max_epochs=100, every=1):
    """Epochs that are run when validation gives these scores."""
    trainer = SimpleNamespace(should_stop=False, max_epochs=max_epochs, callback_metrics={}, current_epoch=start)
    patience.on_train_start(trainer, None)
    for epoch, score in enumerate(scores, start=start):
        if trainer.should_stop:
            return epoch
        trainer.current_epoch = epoch
        evaluated = (epoch + 1) % every == 0
        if evaluated:
            trainer.callback_metrics = {"val/mAP": score}
        patience.on_train_epoch_end(trainer, SimpleNamespace(evaluated_epoch=epoch if evaluated else -1))
    return start + len(scores)


@pytest.mark.parametrize(
    ("scores", "epochs"),
    [
        ([0.1, 0.2, 0.2, 0.1, 0.3, 0.4], 4),  # two epochs after the best
        ([0.1, 0.2, 0.3, 0.4], 4),
        ([math.nan, math.nan, 0.1, 0.1, 0.1], 2),  # nothing defined is no improvement
        ([0.5, math.nan, 0.6, 0.6, 0.6, 0.6], 5),
    ],
)
def test_training_ends_where_nothing_has_improved(scores, epochs):
    assert told(Patience(2), scores) == epochs
    assert told(Patience(None), scores) == len(scores)


def test_epochs_without_a_validation_count_and_are_not_asked():
    assert told(Patience(4), [0.5] * 20, every=2) == 6  # best in the second, asked in the fourth and the sixth


def test_the_last_epoch_is_no_early_end():
    patience = Patience(1)
    assert told(patience, [0.5, 0.5], max_epochs=2) == 2
    assert not patience.exhausted


def test_what_was_seen_outlives_a_cut():
    scores = [0.1, 0.3, 0.2, 0.2, 0.9]
    whole = Patience(2)
    epochs = told(whole, scores)
    for cut in range(1, 4):
        first, second = Patience(2), Patience(2)
        assert told(first, scores[:cut]) == cut
        second.load_state_dict(first.state_dict())
        assert told(second, scores[cut:], start=cut) == epochs
        assert second.state_dict() == whole.state_dict()
    ended, again = Patience(2), Patience(2)
    told(ended, scores)
    again.load_state_dict(ended.state_dict())
    assert told(again, [0.9], start=4) == 4  # nothing more is trained
