from __future__ import annotations

import pytest

from yololab.config.compose import compose
from yololab.run.folder import RunSpec
from yololab.run.prepare import make_loaders, make_module, prepare


def prepared(root, *overrides):
    return prepare(RunSpec(compose(["experiment=smoke", "tracker=none", f"runtime.root={root}", *overrides]), {}, []))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("runs"))


def test_preparing_knows_the_run_and_writes_nothing(made):
    assert made.folder.path.name == made.run_id
    assert not made.folder.path.exists()
    assert (len(made.splits.train.records), len(made.splits.val.records)) == (16, 8)
    assert made.transfer is None


def test_the_module_has_what_the_recipe_says(made):
    module, recipe = make_module(made), made.config["recipe"]
    assert module.optimizer_config.name == recipe["optimizer"]
    assert module.schedule.epochs == recipe["epochs"]
    assert module.nms.iou == recipe["evaluation"]["iou"]
    assert module.ema is not None


def test_every_image_is_trained_on_and_evaluated_once_whatever_the_ranks(made):
    train, _ = make_loaders(made)
    assert sorted(index for batch in train for index in batch.indices) == list(range(16))
    shares = [index for rank in range(3) for batch in make_loaders(made, 3, rank)[1] for index in batch.indices]
    assert sorted(shares) == list(range(8))


def test_a_last_batch_of_one_image_is_left_out(tmp_path):
    train, _ = make_loaders(prepared(tmp_path, "data.train=9"))
    assert [len(batch.indices) for batch in train] == [8]  # batch norm cannot learn from one image of 2 x 2 pixels
