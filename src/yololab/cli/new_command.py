"""`yololab new`: a part of one's own to begin with, its class, its YAML and its test; in yololab or in any folder."""

from __future__ import annotations

import argparse
import keyword
import re
from pathlib import Path

from yololab.config.place import conf_dir
from yololab.errors import ConfigError, did_you_mean
from yololab.files import write_text
from yololab.terminal import say

TEMPLATES = Path(__file__).with_name("templates")
FOLDERS = {"attention": "attention", "block": "blocks", "head": "heads", "assigner": "assigners", "loss": "losses"}
"""Of yololab itself, by kind"""
PACKAGE = "parts"
"""Of one's own, in any other folder"""
NAME = re.compile(r"[a-z][a-z0-9_]*")


def run(options: argparse.Namespace) -> None:
    """Write three files, none of which may be there, and say how to use them."""
    kind, name = options.kind, options.name
    if kind not in FOLDERS:
        raise ConfigError(f"new {kind}: expected one of {', '.join(FOLDERS)}{did_you_mean(kind, FOLDERS)}")
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise ConfigError(f"new {kind} {name}: expected a name as modules have it: small letters, digits, _")
    here = Path.cwd()
    is_yololab = (here / "src" / "yololab" / FOLDERS[kind]).is_dir() and (here / "conf" / kind).is_dir()
    if not is_yololab and (conf_dir() / kind / f"{name}.yaml").exists():
        raise ConfigError(f"new {kind} {name}: yololab has a choice of this name; another would be in its way")
    module = f"yololab.{FOLDERS[kind]}.{name}" if is_yololab else f"{PACKAGE}.{name}"
    code = here / ("src/" * is_yololab) / f"{module.replace('.', '/')}.py"
    test = here / "tests" / (FOLDERS[kind] if is_yololab else "") / f"test_{name}.py"
    places = {"py": code, "yaml": here / "conf" / kind / f"{name}.yaml", "test": test}
    taken = [str(path.relative_to(here)) for path in places.values() if path.exists()]
    if taken:
        raise ConfigError(f"new {kind} {name}: {', '.join(taken)} is there already, and nothing is overwritten")
    class_name = "".join(part.capitalize() for part in name.split("_"))
    words = {"Class": class_name, "module": module, "path": f"{module}.{class_name}"}
    for form, path in places.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, _filled(f"{kind}.{form}.txt", words))
        say(f"{path.relative_to(here)}")
    chosen = f"{kind}={name}" if is_yololab else f"--config-dir conf {kind}={name} runtime.trust=[{PACKAGE}]"
    say(f"\nyololab profile {chosen}\nyololab train {chosen} experiment=smoke")
    say(f"python -m pytest {test.relative_to(here)}")


def _filled(template: str, words: dict[str, str]) -> str:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    for name, value in words.items():
        text = text.replace(f"@{name}@", value)
    return text
