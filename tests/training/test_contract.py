"""The contract of every recipe of conf/recipe: its augmentation, optimizer, schedule and evaluation can be made."""

from __future__ import annotations

from dataclasses import fields

import pytest
from torch import nn

from parts import choices, config_of
from yololab.config.schema import RecipeSchema
from yololab.data.augment import AugmentConfig
from yololab.metrics.nms import NMSConfig
from yololab.training.optimizer import OptimizerConfig, make_optimizer
from yololab.training.schedule import Schedule

BATCHES = 10


def chosen(options, kind):
    return {field.name: options[field.name] for field in fields(kind) if field.name in options}


@pytest.mark.parametrize("choice", choices("recipe"))
class TestContract:
    def test_it_has_every_key_of_a_recipe_and_no_other(self, choice):
        assert config_of("recipe", choice)["recipe"].keys() == {field.name for field in fields(RecipeSchema)}

    def test_its_augmentation_and_evaluation_can_be_made(self, choice):
        recipe = config_of("recipe", choice)["recipe"]
        assert recipe["augment"].keys() == {field.name for field in fields(AugmentConfig)}
        AugmentConfig(**recipe["augment"])
        NMSConfig(**chosen(recipe["evaluation"], NMSConfig))

    def test_its_learning_rate_warms_up_and_ends_at_its_final_share(self, choice):
        recipe = config_of("recipe", choice)["recipe"]
        config = OptimizerConfig(name=recipe["optimizer"], **chosen(recipe, OptimizerConfig))
        config = config.decided(images=10 * recipe["batch_size"], epochs=5, images_per_step=64, num_classes=3)
        options = {"momentum": config.momentum, "weight_decay": config.weight_decay}
        optimizer = make_optimizer(nn.Conv2d(3, 4, 1), name=config.name, lr=config.lr, **options)
        rates = {"lr": config.lr, "momentum": config.momentum, "warmup_bias_lr": config.warmup_bias_lr}
        schedule = Schedule(kind=recipe["schedule"], **(chosen(recipe, Schedule) | rates))

        def rate(batch):
            schedule.apply(optimizer, batch, BATCHES)
            return next(group["lr"] for group in optimizer.param_groups if group["name"] == "weights")

        assert rate(0) == 0 or recipe["warmup_epochs"] == 0
        assert 0 < rate(schedule.warmup_steps(BATCHES)) <= config.lr
        assert rate(recipe["epochs"] * BATCHES) == pytest.approx(config.lr * recipe["final_lr"])

    def test_mosaic_ends_before_training_does_or_never(self, choice):
        recipe = config_of("recipe", choice)["recipe"]
        assert 0 <= recipe["close_mosaic"] < recipe["epochs"]
