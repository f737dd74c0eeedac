from __future__ import annotations

import pytest

from command import yololab


@pytest.mark.parametrize("command", ["val", "predict", "export", "benchmark"])
def test_help_of_each_says_what_it_takes_and_fits_a_screen(command):
    done = yololab(command, "--help")
    assert done.returncode == 0
    assert "RUN" in done.stdout
    assert len(done.stdout.splitlines()) < 50
