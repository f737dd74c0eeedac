"""What can be chosen: the groups of conf/, their choices, and the first comment of each choice's file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from yololab.config.place import conf_dir
from yololab.errors import ConfigError, did_you_mean

GROUPS = {
    "model": "a whole detector: backbone, neck, head, loss and assigner that belong together",
    "scale": "depth and width of the model",
    "backbone": "image to features",
    "neck": "features to features, up and down",
    "aux": "auxiliary branch that is trained and not deployed",
    "block": "what the stages are made of",
    "upsample": "how the neck goes up a level",
    "downsample": "how the network goes down a level",
    "attention": "what is inserted",
    "insert_pos": "where it is inserted",
    "head": "features to predictions",
    "loss": "box loss",
    "assigner": "which point learns which box",
    "task": "boxes, or instance masks too",
    "data": "data set and its format",
    "recipe": "optimizer, schedule, augmentation, evaluation",
    "trainer": "devices",
    "tracker": "who follows a run",
    "experiment": "a question with all of its choices",
}
"""Groups in the order in which a person meets them"""


@dataclass(frozen=True)
class Choice:
    """One file of a group."""

    name: str
    says: str
    """The first sentence of its first comment; empty where it has none"""


def groups() -> list[str]:
    """Groups of conf/, those of Hydra left out."""
    present = {path.name for path in conf_dir().iterdir() if path.is_dir() and path.name != "hydra"}
    return [*(name for name in GROUPS if name in present), *sorted(present - set(GROUPS))]


def choices_of(group: str, config_dir: str | None = None) -> list[Choice]:
    """Choices of a group, with those of the user's own folder. ConfigError where there is no such group."""
    folders = [root / group for root in (conf_dir(), *([Path(config_dir)] if config_dir else []))]
    if not any(folder.is_dir() for folder in folders):
        raise ConfigError(f"{group}: there is no such group{did_you_mean(group, groups())}")
    found = {path.stem: Choice(path.stem, first_comment(path)) for folder in folders for path in folder.glob("*.yaml")}
    return [found[name] for name in sorted(found, key=lambda name: (name not in ("none", "default"), name))]


def first_comment(path: Path) -> str:
    """The first sentence of a YAML file's first comment, Hydra's own directives left out."""
    words = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# @package"):
            continue
        if not line.startswith("#"):
            break
        words.append(line.lstrip("# ").strip())
    text = " ".join(words)
    sentence = text.partition(". ")[0]
    return sentence.rstrip(".")
