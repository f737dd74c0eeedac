from __future__ import annotations

import shutil

import pytest
import torch

from yololab.errors import ConfigError, UntrustedError, YololabError
from yololab.inference.export import export
from yololab.inference.export_options import ExportOptions
from yololab.inference.load import device_of, load
from yololab.inference.weights_file import write_weights


def equal(first, second):
    ours, theirs = first.detector.state_dict(), second.detector.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[key], theirs[key]) for key in ours)


def test_a_run_its_checkpoint_and_its_weights_are_the_same_detector(folder, loaded, tmp_path):
    assert loaded.card.classes == ("disc", "square", "triangle")
    assert loaded.card.name == f"smoke/{folder.name}"
    assert equal(load(folder.last_checkpoint), loaded)
    write_weights(loaded, tmp_path / "a.safetensors")
    again = load(tmp_path / "a.safetensors")
    assert equal(again, loaded)
    assert again.card == loaded.card


def test_a_bare_checkpoint_needs_the_choices_that_build_it(folder, loaded, tmp_path):
    path = tmp_path / "weights.ckpt"
    shutil.copy(folder.last_checkpoint, path)
    with pytest.raises(YololabError, match="does not say how its detector is built; add the choices"):
        load(path)
    again = load(path, ["experiment=smoke"])
    assert equal(again, loaded)
    assert again.card.classes == loaded.card.classes
    nameless = load(path, ["experiment=smoke", "num_classes=3", "data=coco", "data.root=/none"])
    assert nameless.card.classes == ("class 0", "class 1", "class 2")
    with pytest.raises(ConfigError, match=r"not the weights of this detector.*do not fit"):
        load(path, ["experiment=smoke", "num_classes=5"])


def test_a_run_that_is_not_done_is_loaded_from_its_last_checkpoint(folder, loaded, tmp_path):
    copied = tmp_path / "study" / folder.name
    shutil.copytree(folder.path, copied)
    (copied / "results.json").unlink()
    assert equal(load(copied), loaded)
    (copied / "checkpoints" / "last.ckpt").unlink()
    with pytest.raises(YololabError, match=r"last.ckpt: no such checkpoint"):
        load(copied)


def test_choices_for_a_run_that_has_its_own_are_refused(folder):
    with pytest.raises(ConfigError, match="the run says itself how it is built"):
        load(folder.path, ["scale=s"])
    with pytest.raises(ConfigError, match="checkpoint=first: expected one of last, best"):
        load(folder.path, checkpoint="first")


def test_a_name_that_is_nothing_gets_the_nearest(folder):
    with pytest.raises(YololabError, match=r"no such run.*did you mean"):
        load(str(folder.path)[:-1])


def test_a_program_of_others_is_run_only_where_that_is_said(loaded, tmp_path):
    found = export(loaded, "torchscript", tmp_path / "a", ExportOptions())
    with pytest.raises(UntrustedError, match="TorchScript is a program"):
        load(found.path)
    assert load(found.path, trust=True).card.classes == loaded.card.classes


def test_a_configuration_of_others_imports_nothing_of_theirs(loaded, tmp_path):
    runtime = {**loaded.card.config["runtime"], "trust": ["os", "somebody"]}  # a file cannot say what is trusted
    config = {**loaded.card.config, "attention": {"_target_": "os.system"}, "runtime": runtime}
    card = type(loaded.card)(**{**vars(loaded.card), "config": config})
    write_weights(type(loaded)(loaded.backend, card, loaded.detector), tmp_path / "a.safetensors")
    with pytest.raises(UntrustedError, match=r"os.system"):
        load(tmp_path / "a.safetensors")


def test_a_checkpoint_of_a_run_is_chosen_of_a_run_alone(folder):
    with pytest.raises(ConfigError, match="checkpoint=best: of a run"):
        load(folder.last_checkpoint, checkpoint="best")


@pytest.mark.parametrize("name", ["model.engine", "a.PNG"])
def test_a_file_without_weights_is_told(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(YololabError, match="holds no weights that PyTorch reads"):
        load(tmp_path / name)


def test_a_device_that_is_not_here_is_named():
    assert device_of("cpu").type == "cpu"
    with pytest.raises(ConfigError, match="device=tpu: cannot be used here"):
        device_of("tpu")
    with pytest.raises(ConfigError, match="device=meta: computes nothing"):
        device_of("meta")
