"""`yololab serve`: a study in a browser while it runs."""

from __future__ import annotations

import argparse

from yololab.errors import YololabError
from yololab.run.find import find_study
from yololab.serve.study_server import LOOPBACK, StudyServer
from yololab.terminal import say, say_note


def run(options: argparse.Namespace) -> None:
    """Serve until Ctrl-C."""
    study = find_study(options.study)
    if not 0 <= options.port <= 65535:
        raise YololabError(f"--port {options.port}: expected 0 (a free one) to 65535")
    try:
        server = StudyServer(study, options.host, options.port)
    except OSError as error:
        raise YololabError(
            f"--host {options.host} --port {options.port}: cannot be served ({error.strerror or error}); "
            "--port 0 takes a free port"
        ) from error
    try:
        say(f"{study.name}: {server.address}  (Ctrl-C ends it; it only reads)")
        if options.host not in LOOPBACK:
            say_note("everybody who reaches this address can read this study; without --host, only this machine can")
        server.serve_forever()
    except KeyboardInterrupt:
        say("ended")
    finally:
        server.server_close()
