"""`yololab certify`: a record run again, and what came out, signed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from yololab.certificate.certificate import Word, content_of, read_certificate
from yololab.certificate.signing import sign
from yololab.errors import ExitCode, YololabError
from yololab.files import write_text
from yololab.run.find import find_run
from yololab.study.repeat import repeat
from yololab.terminal import say


def run(options: argparse.Namespace) -> int:
    """Write the certificate; FAILED where the repetition is different."""
    names = [word for word in options.runs if "=" not in word]
    if len(names) != 1:
        raise YololabError("certify: name one run, as STUDY/RUN or by its id")
    folder = find_run(names[0])
    path = Path(options.out or f"{folder.name}.certificate.json")
    if not path.parent.is_dir() or path.is_dir():
        raise YololabError(f"--out {path}: expected the name of a file in a folder that is there")
    found = repeat(folder, [word for word in options.runs if "=" in word], options.trust)
    write_text(path, json.dumps(sign(content_of(folder, found)), indent=1, sort_keys=True) + "\n")
    return tell(path)


def tell(path: Path, key: str | None = None) -> int:
    """Say what a certificate says; FAILED where that is "different", or where another key than `key` signed it."""
    found = read_certificate(path)
    say(f"{found.study}/{found.run_id}: {found.word.value} ({found.difference:+.3f} mAP), {found.time}; {path}")
    say(f"the signature fits; signed by {found.public_key}")
    if key is not None and key != found.public_key:
        raise YololabError(f"{path}: signed by another key than {key}")
    if key is None:
        say("whose key that is, its owner must say; --key KEY requires one", style="dim")
    return ExitCode.DONE if found.word is not Word.DIFFERENT else ExitCode.FAILED
