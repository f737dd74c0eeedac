"""Checkpoints: our own, official pickles of model objects, and hostile files."""

from __future__ import annotations

import pickle
import sys
import types
import warnings
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import yololab
from yololab.config.compose import compose
from yololab.detector.weights import read_checkpoint, transfer, translate
from yololab.errors import ConfigError
from yololab.files import content_hash
from yololab.run.folder import RunSpec
from yololab.run.start import run


def official_model(detector, names, monkeypatch):
    """The detector's weights in modules of a package that will be gone when the file is read, under official names."""
    package = types.ModuleType("vanished_package")
    module_class = type("OfficialModule", (nn.Module,), {"__module__": "vanished_package"})
    package.OfficialModule = module_class
    monkeypatch.setitem(sys.modules, "vanished_package", package)
    root = module_class()
    back = {node: place for place, node in names.items()}
    for key, value in detector.state_dict().items():
        node = next(n for n in sorted(back, key=len, reverse=True) if key.startswith(f"{n}."))
        *path, leaf = (back[node] + key[len(node) :]).split(".")
        target = root
        for part in path:
            if part not in target._modules:
                target.add_module(part, module_class())
            target = target._modules[part]
        if value.is_floating_point() and "running" not in leaf:
            target.register_parameter(leaf, nn.Parameter(value.clone().half()))
        else:
            target.register_buffer(leaf, value.clone())
    return root


def save_official(tmp_path: Path, overrides, monkeypatch, averaged=True) -> Path:
    config = compose(overrides)
    detector = yololab.build([*overrides, "seed=7"])
    model = official_model(detector, config["model"]["checkpoint"], monkeypatch)
    path = tmp_path / "official.pt"
    torch.save({"epoch": 3, "model": None if averaged else model, "ema": model if averaged else None}, path)
    monkeypatch.delitem(sys.modules, "vanished_package")
    return path


OFFICIAL = {
    "v8": ["model=yolov8", "scale=p"],
    "v9": ["model=yolov9_t", "scale.width=0.5"],
    "v6": ["model=yolov6", "scale=p"],
}


@pytest.mark.parametrize("overrides", OFFICIAL.values(), ids=OFFICIAL)
@pytest.mark.parametrize("averaged", [True, False])
def test_an_official_pickle_loads_every_tensor_without_its_package(tmp_path, overrides, averaged, monkeypatch):
    overrides = [*overrides, "num_classes=3", "image_size=64"]
    path = save_official(tmp_path, overrides, monkeypatch, averaged)
    source, loaded = yololab.build([*overrides, "seed=7"]).eval(), yololab.build([*overrides, f"weights={path}"]).eval()
    got, own = loaded.state_dict(), dict(source.named_parameters())
    for key, value in source.state_dict().items():
        expected = value.half().float() if key in own else value  # official files hold half precision
        assert torch.equal(got[key], expected), key


def test_another_number_of_classes_and_an_insertion_load_the_rest_and_say_so(tmp_path, monkeypatch):
    path = save_official(tmp_path, ["model=yolov8", "scale=p", "num_classes=3"], monkeypatch)
    config = compose(["model=yolov8", "scale=p", "num_classes=5", "attention=cbam"])
    detector = yololab.build(["model=yolov8", "scale=p", "num_classes=5", "attention=cbam"])
    report = transfer(detector, translate(read_checkpoint(path), config["model"]["checkpoint"]))
    assert {key.rpartition(".")[0] for key in report.new} == {
        "neck.spp_attention.channel_attention.fc",
        "neck.spp_attention.spatial_attention.cv1",
    }
    assert all(key.startswith("head.cv3.") for key in report.mismatched)
    assert len(report.mismatched) == 6  # weight and bias of three class predictors
    assert report.unused == []
    total = len(report.loaded) + len(report.new) + len(report.mismatched)
    assert total == len(detector.state_dict())
    assert f"{len(report.loaded)} of {total} tensors loaded" in report.summary()
    assert "new: 3 (neck.spp_attention)" in report.summary()


class Hostile:
    """Would write a file if anything in the pickle were executed."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.write_text, (self.path, "executed")


def test_nothing_in_a_file_is_executed(tmp_path):
    flag, path = tmp_path / "flag", tmp_path / "hostile.pt"
    torch.save({"model": Hostile(flag)}, path)
    with pytest.raises(ConfigError, match="found no model in it"):
        read_checkpoint(path)
    torch.save({"model": Hostile(flag)}, path, _use_new_zipfile_serialization=False)
    with pytest.raises(ConfigError):
        read_checkpoint(path)
    path.write_bytes(pickle.dumps({"model": Hostile(flag)}))
    with pytest.raises(ConfigError):
        read_checkpoint(path)
    assert not flag.exists()


def test_foreign_and_missing_files_are_refused(tmp_path):
    (tmp_path / "text.pt").write_text("not a checkpoint")
    with pytest.raises(ConfigError, match="cannot be read as a checkpoint"):
        read_checkpoint(tmp_path / "text.pt")
    with pytest.raises(ConfigError, match="no such file"):
        yololab.build(["scale=p", "weights=/no/such.pt"])
    torch.save({"a": torch.zeros(3)}, tmp_path / "other.pt")
    with pytest.raises(ConfigError, match="not one of its 1 tensors fits this model"):
        yololab.build(["scale=p", f"weights={tmp_path / 'other.pt'}"])


def test_our_own_checkpoint_starts_another_run_from_its_average(tmp_path):
    smoke = ["experiment=smoke", "runtime.progress=false", "tracker=none", f"runtime.root={tmp_path}"]
    first = run(RunSpec(compose(smoke), {}, []))
    path = tmp_path / "smoke" / first.run_id / "checkpoints" / "last.ckpt"
    state = torch.load(path, weights_only=True)["state_dict"]
    detector = yololab.build([*smoke, f"weights={path}"])
    assert all(torch.equal(value, state[f"ema.model.{key}"]) for key, value in detector.state_dict().items())
    second = run(RunSpec(compose([*smoke, f"weights={path}", "recipe.epochs=1"]), {}, []))
    assert second.run_id != first.run_id
    assert second.science["weights"] == content_hash(str(path))
    assert (tmp_path / "smoke" / second.run_id / "transfer.json").is_file()


@pytest.mark.parametrize("hidden", [False, True], ids=["as it is", "with a state dict beside it"])
def test_torchscript_is_refused_and_never_run(tmp_path, hidden):
    file = tmp_path / "model.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit is deprecated
        script = torch.jit.script(torch.nn.Linear(2, 2))
        torch.jit.save(script, file)
    if hidden:
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr("other/data.pkl", b"")
    with pytest.raises(ConfigError, match="TorchScript archive, which holds code"):
        read_checkpoint(file)


@pytest.mark.parametrize("legacy", [False, True])
def test_numbers_that_are_not_finite_are_refused_by_name(tmp_path, legacy):
    state = {"a.weight": torch.zeros(3), "b.weight": torch.tensor([1.0, float("inf")])}
    torch.save({"model": state}, tmp_path / "x.pt", _use_new_zipfile_serialization=not legacy)
    with pytest.raises(ConfigError, match=r"1 of its 2 tensors hold NaN or infinite numbers, b\.weight first"):
        read_checkpoint(tmp_path / "x.pt")


def test_safetensors_are_read(tmp_path):
    state = {key: value.contiguous() for key, value in yololab.build(["scale=p", "seed=7"]).state_dict().items()}
    save_file(state, tmp_path / "x.safetensors")
    loaded = yololab.build(["scale=p", f"weights={tmp_path / 'x.safetensors'}"]).state_dict()
    assert all(torch.equal(loaded[key], value) for key, value in state.items())
    (tmp_path / "x.safetensors").write_bytes((tmp_path / "x.safetensors").read_bytes()[:1000])
    with pytest.raises(ConfigError, match="cannot be read as a checkpoint"):
        read_checkpoint(tmp_path / "x.safetensors")


class Module:
    """What torch.nn.Module leaves in a pickle."""


def test_modules_that_hold_each_other_are_refused_and_not_walked_for_ever(tmp_path):
    first, second = Module(), Module()
    first._modules, second._modules = {"a": second, "b": second}, {"a": first, "b": first}
    first._parameters = {"w": torch.zeros(1)}
    torch.save({"model": first}, tmp_path / "loop.pt")
    with pytest.raises(ConfigError, match="hold each other without end"):
        read_checkpoint(tmp_path / "loop.pt")


@pytest.mark.parametrize("content", [[], 3, "text", {"state_dict": 3}, {"model": {1: 2}}, {"ema": [torch.zeros(2)]}])
def test_files_without_a_model_say_so(tmp_path, content):
    torch.save(content, tmp_path / "x.pt")
    with pytest.raises(ConfigError, match="found no model in it"):
        read_checkpoint(tmp_path / "x.pt")
