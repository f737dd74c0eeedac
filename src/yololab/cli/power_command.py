"""`yololab power`: what so many seeds can see, and how many a difference needs."""

from __future__ import annotations

import argparse
from pathlib import Path

from yololab.errors import ConfigError
from yololab.run.find import find_study
from yololab.study.planning import Spread, power_line, sources_line, spread_of
from yololab.terminal import say


def run(options: argparse.Namespace) -> None:
    """Print a line per number of seeds, from a study's spread or a stated one."""
    if (options.study is None) == (options.sd is None):
        raise ConfigError("power: give either a finished STUDY, whose spread is measured, or --sd SD in points of mAP")
    if options.sd is not None and not options.sd > 0:
        raise ConfigError(f"--sd {options.sd:g}: expected a spread above 0, in percent points of mAP")
    if options.rows < 2 or min(options.seeds) < 1:
        raise ConfigError(f"--rows {options.rows} --seeds {options.seeds}: expected at least 2 rows and 1 seed")
    spread = Spread(options.sd, "--sd") if options.sd is not None else _measured(find_study(options.study))
    for seeds in options.seeds:
        say(power_line(spread, options.rows, seeds, options.effect))
    if spread.gain == spread.gain:
        gain = f"{spread.gain:.1f} times the seeds, as far as these runs tell"
        say(f"pairing by seed: an unpaired study would need {gain}")
    if spread.sources is not None:
        say(sources_line(spread.sources))


def _measured(study: Path) -> Spread:
    spread = spread_of([study])
    if spread is None:
        raise ConfigError(
            f"{study}: no two rows share two finished seeds with different scores, so there is no spread to measure"
        )
    return spread
