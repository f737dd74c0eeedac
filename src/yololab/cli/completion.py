"""Shell completion: commands and flags by argcomplete; studies, runs, groups, choices and keys from here. No torch.

eval "$(register-python-argcomplete yololab)"      # bash and zsh; train.py has Hydra's own: --shell-completion
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from yololab.errors import YololabError
from yololab.run.find import DEFAULT_ROOT
from yololab.run.folder import RUN_ID


def studies(prefix: str = "", **_: object) -> list[str]:
    """Names of studies under runs/."""
    return sorted(path.name for path in DEFAULT_ROOT.glob("*") if path.is_dir() and not path.name.startswith("."))


def runs(prefix: str = "", **_: object) -> list[str]:
    """STUDY/RUN of every run under runs/, and bare ids where one was begun."""
    found = sorted(
        f"{path.parent.name}/{path.name}" for path in DEFAULT_ROOT.glob("*/r*") if RUN_ID.fullmatch(path.name)
    )
    return [name.rpartition("/")[2] for name in found] if prefix.startswith("r") and "/" not in prefix else found


def overrides(prefix: str = "", **_: object) -> list[str]:
    """group= before an equals sign, group=choice after it, single keys with a dot."""
    from yololab.config.catalogue import choices_of, groups

    group, sign, _value = prefix.partition("=")
    if sign:
        try:
            return [f"{group}={choice.name}" for choice in choices_of(group)]
        except YololabError:
            return []
    from yololab.config.explain import known_keys

    dotted = [f"{key}=" for key in known_keys()] if "." in prefix or prefix in ("seed", "image_size") else []
    return [*(f"{name}=" for name in groups()), "seed=", "image_size=", *dotted]


def topics(prefix: str = "", **_: object) -> list[str]:
    """Groups, for `yololab help`."""
    from yololab.config.catalogue import groups

    return groups()


COMPLETERS = {
    "study": studies,
    "model": runs,
    "models": runs,
    "folder": runs,
    "runs": runs,
    "first": runs,
    "second": runs,
    "overrides": overrides,
    "more": overrides,
    "words": overrides,
    "topic": topics,
}
"""By the name of an argument"""


def complete(parser: argparse.ArgumentParser, subparsers: Iterable[argparse.ArgumentParser]) -> None:
    """Answer the shell where it asks, and exit; else nothing."""
    import argcomplete

    for one in subparsers:
        for action in one._actions:
            if action.dest in COMPLETERS and not action.option_strings:
                action.completer = COMPLETERS[action.dest]  # type: ignore[attr-defined]
    argcomplete.autocomplete(parser, always_complete_options=False)
