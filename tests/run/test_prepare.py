from __future__ import annotations

import pytest

from yololab.config.compose import compose
from yololab.errors import ConfigError
from yololab.run.folder import RunSpec
from yololab.run.prepare import make_eval_loader, make_module, make_train_loader, prepare


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
    assert module.steps.optimizer.name == recipe["optimizer"]
    assert module.schedule.epochs == recipe["epochs"]
    assert module.nms.iou == recipe["evaluation"]["iou"]
    assert module.ema is not None
    assert list(module.metrics) == ["val"]


def test_an_automatic_optimizer_is_decided_by_the_data(tmp_path):
    module = make_module(prepared(tmp_path, "recipe=yolov8", "recipe.epochs=2"))
    assert module.steps.summary() == {"optimizer": "adamw", "lr": 0.001429, "momentum": 0.9, "batches_per_step": 8}
    assert (module.schedule.lr, module.schedule.warmup_bias_lr) == (0.001429, 0.0)


@pytest.mark.parametrize("rectangular", [False, True])
def test_every_image_is_trained_on_and_evaluated_once_whatever_the_ranks(made, tmp_path, rectangular):
    train = make_train_loader(made)
    assert sorted(index for batch in train for index in batch.indices) == list(range(16))
    run = prepared(tmp_path, "data.val=40", f"recipe.evaluation.rectangular={str(rectangular).lower()}")
    loaders = [make_eval_loader(run, run.splits.val, 3, rank) for rank in range(3)]
    assert sorted(index for loader in loaders for batch in loader for index in batch.indices) == list(range(40))


def test_ranks_share_a_batch(made):
    assert [len(batch.indices) for batch in make_train_loader(made, 2, 0)] == [4, 4]
    with pytest.raises(ConfigError, match=r"recipe\.batch_size=8: not to be divided over 3 devices"):
        make_train_loader(made, 3, 0)


def test_a_last_batch_of_one_image_is_left_out(tmp_path):
    train = make_train_loader(prepared(tmp_path, "data.train=9"))
    assert [len(batch.indices) for batch in train] == [8]  # batch norm cannot learn from one image of 2 x 2 pixels


def test_the_test_split_is_read_where_final_numbers_come_from_it(tmp_path):
    run = prepared(tmp_path, "data.final=test", "data.test=4")
    assert list(make_module(run).metrics) == ["val", "test"]
    assert run.identity.data_fingerprint.count("-") == 2
    with pytest.raises(ConfigError, match=r"data\.final=test: this data set names no test split"):
        prepared(tmp_path, "data.final=test", "data.test=0")


def test_every_rank_gets_a_rectangular_batch_of_a_small_split(tmp_path):
    run = prepared(tmp_path, "data.val=10", "recipe.evaluation.rectangular=true", "recipe.batch_size=16")
    assert all(len(make_eval_loader(run, run.splits.val, 4, rank)) for rank in range(4))
