from __future__ import annotations

import argparse
import sys
from types import SimpleNamespace

from yololab.cli import subcommand


def test_a_module_is_imported_when_it_is_asked_for_and_what_takes_long_is_told_first(monkeypatch):
    told = []
    monkeypatch.setattr(subcommand, "passing", told.append)
    ran = SimpleNamespace(run=lambda options: (told.append("ran"), options.code)[1])
    monkeypatch.setitem(sys.modules, "yololab.cli.slow_command", ran)
    assert subcommand.command("slow", needs_torch=True)(argparse.Namespace(code=3)) == 3
    assert told == ["importing torch", "ran"]
    told.clear()
    subcommand.command("slow", needs_torch=True)(argparse.Namespace(code=0, json=True))
    subcommand.command("slow")(argparse.Namespace(code=0))
    assert told == ["ran", "ran"]
