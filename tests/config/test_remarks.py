from __future__ import annotations

import pytest

from yololab.config.compose import compose
from yololab.config.remarks import remark_on_batch, remarks_on


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ([], []),
        (["recipe.lr=0"], ["recipe.lr=0: nothing will be learnt"]),
        (["insert_pos.after=[backbone.stage4]"], ["insert_pos.after names places, and attention=none inserts"]),
        (["insert_pos.after=[backbone.stage4]", "attention=eca"], []),
        (["recipe.patience=2", "recipe.evaluation.every=5"], ["recipe.patience=2 is less than"]),
    ],
)
def test_what_is_rarely_meant_is_said(overrides, told):
    found = remarks_on(compose(overrides))
    assert len(found) == len(told)
    assert all(text.startswith(start) for text, start in zip(found, told, strict=True))


def test_a_batch_larger_than_the_data_is_said():
    assert remark_on_batch(16, 16) == []
    assert remark_on_batch(16, 9) == [
        "recipe.batch_size=16 is more than the 9 training images: an epoch is one batch of 9"
    ]
