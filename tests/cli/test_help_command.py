from __future__ import annotations

import subprocess
import sys

import pytest

from command import yololab


def test_commands_and_groups_are_listed_with_a_line_each():
    done = yololab("help")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("  ")]
    assert any(line.split()[0] == "predict" and len(line.split()) > 3 for line in lines)
    assert any(line.split()[0] == "attention" for line in lines)


def test_a_group_lists_its_choices_and_a_command_its_own_help():
    assert "attention=cbam" in yololab("help", "attention").stdout
    assert "--dynamic" in yololab("help", "export").stdout
    done = yololab("help", "atention")
    assert done.returncode == 2
    assert "did you mean 'attention'" in done.stderr


def test_every_command_has_a_description():
    text = yololab("--help").stdout
    assert "==SUPPRESS==" not in text


@pytest.mark.parametrize("words", [["help"], ["help", "loss"], ["--help"], ["status", "--help"]])
def test_help_waits_for_no_torch(words):
    code = "import sys; from yololab.cli.main import main\ntry: main(sys.argv[1:])\nexcept SystemExit: pass\n"
    code += "sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code, *words], capture_output=True, check=False).returncode == 0
