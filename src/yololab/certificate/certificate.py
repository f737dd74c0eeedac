"""A certificate: two records of one run, what they say, and the word for it, which anybody can derive again."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from pathlib import Path
from typing import Any

from scipy import special

from yololab.certificate.signing import require_signature
from yololab.errors import YololabError
from yololab.files import read_json
from yololab.metrics.names import PERCENT
from yololab.run.folder import RunFolder
from yololab.run.record import RESULTS_FILE, RunRecord, nan_to_null
from yololab.study.compare import environment
from yololab.study.planning import spread_of
from yololab.study.repeat import Repeat

FORMAT = "yololab certificate 1"
METRIC = "mAP"


class Word(str, Enum):
    """What came out."""

    SAME = "bit-identical"
    WITHIN = "within the study's interval"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Certificate:
    """One that was read, whose signature fits and whose word follows from its numbers."""

    run_id: str
    study: str
    word: Word
    time: str
    public_key: str
    difference: float
    """Percent points of mAP, second minus first"""


def content_of(folder: RunFolder, found: Repeat) -> dict[str, Any]:
    """What is to be signed of a record and its repetition."""
    study = folder.path.absolute().parent
    content: dict[str, Any] = {
        "format": FORMAT,
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "study": study.name,
        "run": folder.name,
        "metric": METRIC,
        "half_width": half_width(study),
        "weights": "not kept"
        if found.different_weights is None
        else "different"
        if found.different_weights
        else "same",
        "first": _side(folder, found.before),
        "again": _side(found.folder, found.after),
        "differences": [[one.part, one.key, one.first, one.second] for one in found.differences],
    }
    content = json.loads(json.dumps(nan_to_null(content), default=str))
    return {**content, "word": word_of(content).value}


def half_width(study: Path) -> float | None:
    """Percent points within which 95% of repetitions with another seed lie: t sd sqrt(2), sd of one run between seeds.

    None where the study has too few runs to say.
    """
    spread = spread_of([study])
    if spread is None or not spread.df > 0:
        return None
    return float(special.stdtrit(spread.df, 0.975)) * spread.sd * math.sqrt(2)


def word_of(content: Mapping[str, Any]) -> Word:
    """The word that a certificate's numbers allow; DIFFERENT where anything is missing."""
    first, again = content["first"], content["again"]
    numbers = ("metrics", "curve_sha256")
    if all(first[key] == again[key] for key in numbers) and content["weights"] in ("same", "not kept"):
        return Word.SAME
    bound, values = content["half_width"], [first["metrics"].get(METRIC), again["metrics"].get(METRIC)]
    if bound is None or not all(isinstance(value, float | int) for value in values):
        return Word.DIFFERENT
    return Word.WITHIN if abs(PERCENT * (values[1] - values[0])) <= bound else Word.DIFFERENT


def read_certificate(path: Path) -> Certificate:
    """A certificate from its file. YololabError where it is none, or says anything that does not follow."""
    try:
        content = read_json(path)
    except (OSError, ValueError) as error:
        raise YololabError(f"{path}: no certificate, it cannot be read as one ({error})") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise YololabError(f"{path}: no certificate of this version; expected {FORMAT!r} as its format")
    try:
        key = require_signature(content)
        word = word_of(content)
        if content["word"] != word.value:
            raise YololabError(f"it says {str(content['word'])[:60]!r}, and its numbers say {word.value!r}")
        values = [float(content[side]["metrics"][METRIC]) for side in ("first", "again")]
        difference = PERCENT * (values[1] - values[0])
        return Certificate(str(content["run"]), str(content["study"]), word, str(content["time"]), key, difference)
    except YololabError as error:
        raise YololabError(f"{path}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise YololabError(f"{path}: signed, but no whole certificate ({type(error).__name__}: {error})") from error


def _side(folder: RunFolder, record: RunRecord) -> dict[str, Any]:
    curve = [{key: value for key, value in row.items() if key != "seconds"} for row in record.curve]
    text = json.dumps(nan_to_null(curve), sort_keys=True)
    return {
        "record_sha256": hashlib.sha256((folder.path / RESULTS_FILE).read_bytes()).hexdigest(),
        "metrics": dict(record.metrics),
        "curve_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "environment": environment(record),
    }
