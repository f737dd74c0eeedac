"""A received study is data: what it names is shown, and imported only after --trust."""

from __future__ import annotations

import shutil

import pytest
import yaml

from command import SMOKE, yololab, yololab_process
from yololab.cli.plan_command import plan_of
from yololab.config.trust import trust_of
from yololab.errors import YololabError
from yololab.run.folder import RunFolder
from yololab.run.seal import SEAL_FILE, is_sealed, seal

PART = """
from pathlib import Path
from yololab.attention import ECA

Path("imported").touch()

class Mine(ECA):
    pass
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to work in, with a part of the user's own."""
    (tmp_path / "own_part.py").write_text(PART)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def planned(*overrides):
    """A planned run's folder."""
    made = plan_of([*SMOKE, "runtime.root=runs", *overrides])
    made.freeze()
    return made.planned[0].folder


def forget_me(place):
    """As on another user's machine."""
    shutil.rmtree(place / "state", ignore_errors=True)
    (place / "imported").unlink(missing_ok=True)


def received(place, **changes):
    """A planned run whose configuration somebody has changed."""
    folder = planned("attention=eca")
    path = folder.path / "config.yaml"
    config = yaml.safe_load(path.read_text())
    for key, value in changes.items():
        config[key] = {**config[key], **value} if isinstance(value, dict) else value
    path.write_text(yaml.safe_dump(config))
    forget_me(place)
    return folder


@pytest.mark.parametrize("wrapped", [{}, {"identity_start": True}, {"placebo": True}])
@pytest.mark.parametrize("trust", [[], ["own_part"], ["own_part", "os"]])
def test_what_a_received_study_names_is_not_imported(place, wrapped, trust):
    attention = {"_target_": "own_part.Mine"}
    folder = received(place, attention=attention, insert_pos=wrapped, runtime={"trust": trust})
    done = yololab("run", folder.path, cwd=place)
    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    assert "attention._target_=own_part.Mine" in said
    assert "would import own_part" in said
    assert "--trust" in said
    assert not (place / "imported").exists()
    assert folder.status().state == "failed"


@pytest.mark.parametrize(
    ("key", "target"),
    [
        ("data", "torch.hub.load"),
        ("data", "pathlib.Path.write_text"),
        ("assigner", "shutil.copy"),
        ("tracker", "numpy.save"),
        ("attention", "torch.save"),
        ("block", "yololab.files.write_text"),
    ],
)
def test_no_function_is_called_whoever_allows_it(place, key, target):
    folder = received(place, **{key: {"_target_": target, "path": str(place / "written"), "text": "x"}})
    before = set(place.iterdir())
    for words in ([], ["--trust"]):
        done = yololab("run", folder.path, *words, cwd=place)
        assert done.returncode == 1, done.stdout
        assert "Traceback" not in done.stderr
    assert set(place.iterdir()) - before <= {place / "state"}


def test_a_study_planned_here_needs_no_word_more(place):
    folder = planned("attention=eca", "attention._target_=own_part.Mine")
    assert (folder.path / SEAL_FILE).is_file()
    done = yololab_process("run", folder.path, cwd=place)
    assert done.returncode == 0, done.stderr
    again = yololab_process("rerun", folder.path, cwd=place)
    assert again.returncode == 0, again.stderr


@pytest.mark.slow
def test_trust_is_given_once(place):
    folder = planned("attention=eca", "attention._target_=own_part.Mine")
    forget_me(place)
    refused = yololab_process("retry", "runs/smoke", cwd=place)
    assert refused.returncode == 2
    assert "--trust" in refused.stderr
    assert not (place / "imported").exists()
    assert yololab_process("run", folder.path, "--trust", cwd=place).returncode == 0
    assert yololab_process("rerun", folder.path, cwd=place).returncode == 0
    forget_me(place)
    for command in ("rerun", "benchmark"):
        done = yololab_process(command, folder.path if command == "rerun" else "runs/smoke", cwd=place)
        assert done.returncode == 2
        assert "would import own_part" in " ".join(done.stderr.split())
        assert not (place / "imported").exists()


def test_a_study_of_yololabs_own_parts_goes_anywhere(place):
    folder = planned("attention=eca")
    assert not (folder.path / SEAL_FILE).exists()
    assert not (place / "state").exists()
    assert folder.spec().config["attention"]["_target_"] == "yololab.attention.ECA"


def test_a_changed_configuration_is_no_longer_sealed(place):
    folder = planned("attention=eca", "attention._target_=own_part.Mine")
    assert trust_of(folder.spec().config) == ("own_part",)
    path = folder.path / "config.yaml"
    path.write_text(path.read_text().replace("own_part.Mine", "own_part.Other"))
    assert trust_of(folder.spec().config) == ()


def test_a_seal_is_of_one_text_and_one_key(place, monkeypatch):
    seal(place, "text")
    assert is_sealed(place, "text")
    assert not is_sealed(place, "other text")
    assert (place / "state" / "yololab" / "key").stat().st_mode & 0o77 == 0
    monkeypatch.setenv("XDG_STATE_HOME", str(place / "elsewhere"))
    assert not is_sealed(place, "text")


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"hmac_sha256": 3}', '{"hmac_sha256": "ä"}', "\x00", "[" * 200_000]
)
def test_a_damaged_seal_is_none(place, content):
    seal(place, "text")
    (place / SEAL_FILE).write_text(content)
    assert not is_sealed(place, "text")


def test_a_key_that_cannot_be_kept_is_said(place, monkeypatch):
    (place / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(place / "file"))
    with pytest.raises(YololabError, match="XDG_STATE_HOME"):
        seal(place, "text")


def test_trusting_a_folder_seals_it(place):
    folder = received(place, attention={"_target_": "own_part.Mine"})
    RunFolder(folder.path).trust()
    assert trust_of(folder.spec().config) == ("own_part",)
