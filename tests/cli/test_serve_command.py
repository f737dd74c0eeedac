from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request
from functools import partial

import pytest

from yololab.cli.main import main


def test_it_serves_until_it_is_interrupted(place):
    command = [sys.executable, "-u", "-m", "yololab.cli.main", "serve", "smoke", "--port", "0"]
    attended = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # what a shell starts behind it ignores Ctrl-C
    with subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, text=True, preexec_fn=attended) as process:
        try:
            line = process.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+/", line).group(0)
            with urllib.request.urlopen(address, timeout=30) as answer:
                assert b"smoke" in answer.read()
            process.send_signal(signal.SIGINT)
            assert "ended" in process.communicate(timeout=30)[0]
        finally:
            process.kill()
    assert process.returncode == 0


def test_a_port_that_cannot_be_had_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["serve", str(tmp_path), "--port", "99999"])
    assert "--port 99999" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["serve", str(tmp_path), "--host", "203.0.113.1", "--port", "0"])
    assert "cannot be served" in capsys.readouterr().err
