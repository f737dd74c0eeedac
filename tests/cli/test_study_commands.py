from __future__ import annotations

import pytest

from command import yololab

COMMANDS = ["power", "table", "effects", "verify", "rerun", "diff", "gc", "records", "sync"]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_has_a_help_that_fits_a_screen(command):
    done = yololab(command, "--help")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) < 50
