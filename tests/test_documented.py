"""Every command of README, CONTRIBUTING and docs is run: all by `make test-docs`, a sample by `make test`.

What would train for hours is planned instead, which composes, checks and builds all of it; README's three commands for
one's own data are run to their tables, in small.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from functools import partial

import pytest

from command import SMOKE, yololab, yololab_process
from documented import ROOT, as_typed, documented, write_place

COMMANDS = documented()
SCRIPTS = sorted((ROOT / "benchmarks").glob("*.py"))
SAMPLED = 15
"""Of so many commands, `make test` runs one"""
OWN_CODE = ("--config-dir", "my_module")
SMALL = ("model=yolov8", "scale=p", "recipe=tiny", "recipe.batch_size=8", "tracker=none")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A reader's folder: a finished study, data, pictures, code; its runs; where the data lie."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(ROOT / "docs" / "tutorial_yaml", folder / "docs" / "tutorial_yaml")
    done = yololab("train", "-m", *SMOKE, "attention=cbam,eca", "insert_pos=neck,all_heads", "seed=0,1", cwd=folder)
    assert done.returncode == 0, done.stderr[-1500:]
    run_ids = sorted(path.parent.name for path in folder.glob("runs/smoke/*/results.json"))
    return folder, run_ids, write_place(folder)


def marked():
    for index, command in enumerate(COMMANDS):
        marks = [pytest.mark.docs] if index % SAMPLED else []
        if command.untried:
            marks = [pytest.mark.skip(reason=command.untried), pytest.mark.docs]
        yield pytest.param(command, marks=marks, id=f"{command.page}: {command.text[:60]}")


def serves(words, folder):
    """Whether it says where, and ends when it is interrupted; a port that may be taken is any free one here."""
    words = [*(word for word in words if word not in ("--port", "8080")), "--port", "0"]
    command = [sys.executable, "-u", "-m", "yololab.cli.main", *words]
    attended = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # what a shell starts behind it ignores Ctrl-C
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, preexec_fn=attended) as process:
        try:
            said = process.stdout.readline()
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        finally:
            process.kill()
    return "http://127.0.0.1:" in said and process.returncode == 0


def test_there_are_commands_and_few_are_left_untried():
    assert len(COMMANDS) > 50
    assert sum(command.untried is not None for command in COMMANDS) <= 3


@pytest.mark.parametrize("command", marked())
def test_a_documented_command_runs(command, desk):
    folder, run_ids, data = desk
    words = as_typed(command.text, run_ids, data)
    if words[0] == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M)
        assert set(words[1:]) <= set(targets)
        return
    if words[0] == "python" and words[1].startswith("benchmarks/"):
        assert ROOT / words[1] in SCRIPTS  # each of which test_benchmarks.py runs
        return
    words = words[2:] if words[:2] == ["python", "train.py"] else words[1:]
    if command.text.startswith("python train.py") or words[0] == "train":
        words = ["plan", *(word for word in words if word not in ("-m", "train"))]
    if "--cfg" in words:
        words[0] = "train"
    if words[0] == "serve":
        assert serves(words, folder)
        return
    if "model=my_yolo11" in words and not (folder / "conf" / "model" / "my_yolo11.yaml").exists():
        written = ["import", "docs/tutorial_yaml/yolo11-dysample-spd.yaml", "--name", "my_yolo11"]
        assert yololab(*written, cwd=folder).returncode == 0
    if words == ["verify", "FILE"]:
        assert yololab("certify", run_ids[0], "--out", "FILE", cwd=folder).returncode == 0
    call = yololab_process if any(part in command.text for part in OWN_CODE) else yololab
    done = call(*words, cwd=folder)
    assert done.returncode == 0, (words, done.stderr[-1500:])
    assert done.stdout


@pytest.mark.docs
@pytest.mark.parametrize("kind", ["yolo", "coco", "voc"])
def test_the_readmes_command_for_ones_own_data_ends_in_a_table(kind, desk):
    folder, run_ids, data = desk
    (command,) = [one for one in COMMANDS if f" data={kind} " in one.text and one.page == "README.md"]
    words = as_typed(command.text, run_ids, data)[2:]
    small = {"image_size": "64", "recipe.epochs": "1", "seed": "0,1"}
    words = [re.sub(r"^([\w.]+)=.*", lambda m: f"{m[1]}={small.get(m[1], m[0].partition('=')[2])}", w) for w in words]
    done = yololab("train", *words, *SMALL, f"study.name=own_{kind}", cwd=folder)
    assert done.returncode == 0, done.stderr[-1500:]
    assert f"Study own_{kind}" in done.stdout
    assert "verdict" in done.stdout
