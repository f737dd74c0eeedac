from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from yololab.config.compose import compose
from yololab.data.batch import Batch
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.start import run
from yololab.run.status import State
from yololab.structures import Targets
from yololab.training import module as training_module
from yololab.training.divergence import (
    LOSS,
    Diverged,
    DivergedElsewhere,
    ScalerWatch,
    StateWatch,
    fault_in,
    stop_together,
)

SMOKE = ["experiment=smoke", "runtime.progress=false", "tracker=none", "recipe.epochs=2"]
PLACE = {"epoch": 1, "batch": 2, "split": "train", "lr": 0.01}


@pytest.fixture
def batch():
    targets = Targets(torch.zeros(1, 1, 4), torch.zeros(1, 1, dtype=torch.int64), torch.ones(1, 1, dtype=torch.bool))
    return Batch(torch.zeros(1, 3, 8, 8, dtype=torch.uint8), targets, (0,), (None,))


@pytest.fixture
def layers():
    return nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))


def largest(numbers):
    return {name: float(number) for name, number in numbers.items()}


def test_magnitudes_of_every_weight_and_buffer_are_watched(layers):
    found = StateWatch(layers).state()
    floating = {name for name, tensor in layers.state_dict().items() if tensor.is_floating_point()}
    assert found.keys() == floating
    assert float(found["0.weight"]) == layers[0].weight.abs().max()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["0.weight", "0.bias", "1.weight", "1.running_mean", "1.running_var"])
def test_one_number_that_is_none_is_found_by_name(layers, batch, name, value):
    watch = StateWatch(layers)
    assert fault_in({"weight": watch.state()}, PLACE, batch) is None
    layers.state_dict()[name].view(-1)[-1] = value
    fault = fault_in({"weight": watch.state()}, PLACE, batch)
    assert fault.what == f"weight {name}"


def test_gradients_are_watched_where_there_are_any(layers):
    watch = StateWatch(layers)
    assert watch.gradients() == {}
    layers[0].weight.grad = torch.full_like(layers[0].weight, math.inf)
    assert largest(watch.gradients()) == {"0.weight": math.inf}


def test_large_numbers_are_no_fault(layers, batch):
    watch = StateWatch(layers)
    with torch.no_grad():
        layers[0].weight.fill_(3e38)  # its sum of squares is no float32
    assert fault_in({"weight": watch.state()}, PLACE, batch) is None


def test_the_message_says_where_and_what_helps(batch):
    fault = fault_in({LOSS: {"box": torch.tensor(1.0), "cls": torch.tensor(math.nan)}}, PLACE, batch)
    assert str(fault).startswith("epoch 2, batch 3 of train: the loss term cls is nan; a smaller recipe.lr")
    assert fault.terms["box"] == 1.0
    with pytest.raises(Diverged):
        stop_together(type("Alone", (), {"world_size": 1})(), fault)


def smoke(root, *overrides):
    return run(RunSpec(compose([*SMOKE, f"runtime.root={root}", *overrides]), {}, []))


def stopped(root):
    """The only run's folder; it has diverged, and left neither a record nor a checkpoint of broken weights."""
    (path,) = root.glob("smoke/r*")
    folder = RunFolder(path)
    assert folder.state(running=False) is State.DIVERGED
    assert folder.record() is None
    if folder.last_checkpoint.is_file():
        state = torch.load(folder.last_checkpoint, weights_only=True)["state_dict"]
        assert all(torch.isfinite(tensor).all() for tensor in state.values())
    return folder


def test_a_rate_that_explodes_ends_the_run_at_that_step(tmp_path):
    with pytest.raises(Diverged, match=r"epoch 1, batch \d+ of train: the (weight|loss term|gradient of) "):
        smoke(tmp_path, "recipe.optimizer=sgd", "recipe.lr=1e30", "recipe.warmup_epochs=0")
    stopped(tmp_path)


def poison(monkeypatch, how, at):
    """Let `how(module, loss terms)` happen in the batch number `at` of all."""
    original, count = training_module.DetectorModule._loss, [0]

    def loss(self, model, maps, batch):
        terms = original(self, model, maps, batch)
        count[0] += 1
        return how(self, terms) or terms if count[0] == at else terms

    monkeypatch.setattr(training_module.DetectorModule, "_loss", loss)


def nan_loss(module, terms):
    return type(terms)(terms.total * math.nan, {**terms.terms, "box": terms.terms["box"] * math.nan})


def inf_gradient(module, terms):
    parameter = next(module.detector.parameters())
    handle = parameter.register_hook(lambda gradient: (handle.remove(), gradient.fill_(math.inf))[1])


def nan_weight(module, terms):
    with torch.no_grad():
        list(module.detector.parameters())[5].view(-1)[0] = math.nan


def inf_buffer(module, terms):
    name = next(name for name, _ in module.detector.named_buffers() if name.endswith("running_var"))
    module.detector.get_buffer(name).data[0] = math.inf  # unseen by autograd


FAULTS = [(nan_loss, "loss term box"), (inf_gradient, "gradient of "), (nan_weight, "weight "), (inf_buffer, "weight ")]


@pytest.mark.parametrize(("how", "what"), FAULTS, ids=["loss", "gradient", "weight", "buffer"])
def test_whatever_stops_being_finite_stops_the_run_in_that_batch(tmp_path, monkeypatch, how, what):
    poison(monkeypatch, how, at=2)
    with pytest.raises(Diverged) as error:
        smoke(tmp_path)
    assert error.value.what.startswith(what)
    assert (error.value.place["epoch"], error.value.place["batch"]) == (0, 1)
    stopped(tmp_path)


def test_a_loss_that_breaks_in_validation_stops_the_run_too(tmp_path, monkeypatch):
    poison(monkeypatch, nan_loss, at=3)  # 16 images make two batches
    with pytest.raises(Diverged, match="batch 1 of val: the loss term box is nan"):
        smoke(tmp_path)
    stopped(tmp_path)


class Scaler:
    """A gradient scaler of which every step is left out, until `good` of them have been."""

    def __init__(self, good=math.inf):
        self.scale, self.good, self.seen = 65536.0, good, 0

    def get_scale(self):
        return self.scale

    def update(self):
        self.seen += 1
        if self.seen <= self.good:
            self.scale /= 2


def steps(watch, scaler, count, is_last=False):
    for _ in range(count):
        watch.begin_step(scaler)
        scaler.update()
        watch.end_step(scaler)
    return watch.numbers(torch.device("cpu"), is_last)


def test_a_scaler_may_leave_out_steps_until_no_scale_will_do():
    watch, scaler = ScalerWatch(), Scaler()
    assert steps(watch, scaler, 17) == {}
    assert steps(watch, scaler, 1) == {"gradient": {"of 18 steps in a row": torch.tensor(math.inf)}}


def test_a_scaler_that_finds_its_scale_is_no_fault():
    watch, scaler = ScalerWatch(), Scaler(good=5)
    assert steps(watch, scaler, 6, is_last=True) == {}


def test_a_training_whose_last_epoch_took_no_step_is_one():
    watch, scaler = ScalerWatch(), Scaler(good=100)
    scaler.good = 0
    steps(watch, scaler, 3)
    watch.begin_epoch()
    scaler.good = 100
    assert "of 2 steps in a row" in steps(watch, scaler, 2, is_last=True)["gradient"]


def test_without_a_scaler_there_is_nothing_to_follow():
    watch = ScalerWatch()
    watch.begin_step(None)
    watch.end_step(None)
    assert watch.numbers(torch.device("cpu"), is_last=True) == {}


def test_a_gradient_that_waits_for_its_step_is_looked_at_too(tmp_path, monkeypatch):
    poison(monkeypatch, inf_gradient, at=1)
    with pytest.raises(Diverged) as error:
        smoke(tmp_path, "recipe.accumulate=2")
    assert error.value.what.startswith("gradient of ")
    assert (error.value.place["epoch"], error.value.place["batch"]) == (0, 0)


def test_a_loss_that_breaks_in_the_test_is_of_the_last_epoch(tmp_path, monkeypatch):
    poison(monkeypatch, nan_loss, at=2 * 2 + 2 + 1)  # two epochs of two batches and one of validation
    with pytest.raises(Diverged, match="epoch 2, batch 1 of test: the loss term box is nan"):
        smoke(tmp_path, "data.test=8", "data.final=test")


class Ranks:
    """A strategy of two ranks of which the other one has `theirs`."""

    def __init__(self, theirs):
        self.theirs, self.root_device = theirs, torch.device("cpu")

    def reduce(self, own, reduce_op):
        assert reduce_op == "max"
        return torch.maximum(own, torch.tensor(float(self.theirs)))


@pytest.mark.parametrize(
    ("what", "theirs", "raised"),
    [
        (None, 0, None),
        (None, 1, DivergedElsewhere),
        ("gradient of a", 0, Diverged),
        ("gradient of a", 1, Diverged),
        ("gradient of a", 2, DivergedElsewhere),
        ("loss term box", 2, Diverged),
    ],
)
def test_of_several_ranks_the_one_whose_loss_broke_is_to_blame(batch, what, theirs, raised):
    trainer = SimpleNamespace(world_size=2, strategy=Ranks(theirs), current_epoch=0)
    fault = Diverged(what, math.nan, {}, PLACE, batch) if what else None
    if raised is None:
        stop_together(trainer, fault)
        return
    with pytest.raises(raised) as error:
        stop_together(trainer, fault)
    assert type(error.value) is raised
