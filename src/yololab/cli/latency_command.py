"""`yololab latency`: how long each deployed detector of a study takes for one image."""

from __future__ import annotations

import argparse
from typing import Any

import torch

from yololab.cli.find import config_of, find_study
from yololab.config.check import check
from yololab.errors import ConfigError, YololabError
from yololab.run.folder import RunFolder, allowed
from yololab.run.record import RunRecord
from yololab.study.latency import measure_latency, write_latency
from yololab.study.records import records_and_damage
from yololab.study.rows import group_rows
from yololab.terminal import say, say_note

LEAST_ROUNDS = 4


def run(options: argparse.Namespace) -> None:
    """Measure, write latency.json, and print a line per row."""
    if options.rounds < LEAST_ROUNDS:
        raise ConfigError(f"--rounds {options.rounds}: expected at least {LEAST_ROUNDS}, for a median and quartiles")
    study = find_study(options.study)
    records, damaged = records_and_damage(study)
    for text in damaged:
        say_note(text)
    if not records:
        raise YololabError(f"{study}: no finished run yet")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def config(one: RunRecord) -> dict[str, Any]:
        folder = RunFolder(study / one.run_id)
        found = config_of(folder, one)
        check(found)
        return allowed(found, folder.path, options.trust)

    found = measure_latency(records, config, options.rounds, device)
    path = write_latency(study, found, device, options.rounds)
    for row in group_rows(records).rows:
        latency = found[row.first.complexity["fingerprint"]]
        size = row.first.complexity["image_size"]
        quartiles = f"{latency.low_ms:.2f} to {latency.high_ms:.2f}"
        say(f"{row.label}: {latency.median_ms:.2f} ms (quartiles {quartiles}) at {size}")
    say(f"deploy form, one image, {options.rounds} rounds in turn, without suppression; {path}")
