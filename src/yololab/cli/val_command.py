"""`yololab val`: what a trained detector is worth, on its own data or on others."""

from __future__ import annotations

import argparse
import json
import math

from rich.table import Table

from yololab.cli.model_options import load_model, split_words
from yololab.errors import ConfigError, YololabError
from yololab.inference.loaded import Loaded
from yololab.inference.settings import CHANGEABLE
from yololab.inference.validate import Validation, validate
from yololab.metrics.names import PERCENT, percent_text
from yololab.run.find import find_run
from yololab.run.record import nan_to_null
from yololab.terminal import cell, say, show

SHOWN = ("AP", "AP50", "AP75", "AP_small", "AP_medium", "AP_large")


def run(options: argparse.Namespace) -> None:
    """Judge, and print a line per class, the totals, and whether a record says the same."""
    names, overrides = split_words([options.model, *options.more])
    if len(names) != 1:
        raise ConfigError(f"val: expected one run or file, got {', '.join(names) or 'none'}")
    of_data = [text for text in overrides if text.split("=")[0].split(".")[0] in _changeable()]
    of_build = [text for text in overrides if text not in of_data]
    if of_build:  # a checkpoint that does not say how it is built: all of its words build it
        of_build, of_data = overrides, []
    model = load_model(options, names[0], of_build)
    found = validate(model, of_data, options.split)
    if options.json:
        print(json.dumps(_plain(found, model), indent=1))
        return
    show(_table(found))
    point = ", ".join(f"{key} {percent_text(found.metrics[key])}" for key in ("precision", "recall", "F1"))
    scores = f"mAP {percent_text(found.metrics['mAP'])}, mAP50 {percent_text(found.metrics['mAP50'])}"
    say(f"{model.card.name} on the {found.split} split, {found.images:,} images: {scores}; {point} at the best F1")
    if "mask_mAP" in found.metrics:
        say(f"masks: mAP {percent_text(found.metrics['mask_mAP'])}, mAP50 {percent_text(found.metrics['mask_mAP50'])}")
    remark = _beside_record(names[0], found) if not of_data else None
    if remark is not None:
        say(remark)


def _changeable() -> set[str]:
    return {key.split(".")[0] for key in CHANGEABLE}


def _table(found: Validation) -> Table:
    table = Table(title="in percent", title_justify="left")
    table.add_column("class")
    for heading in ("objects", *SHOWN):
        table.add_column(heading, justify="right")
    counts = [0] * len(found.data.classes)
    for record in found.data.records:
        for label in record.labels[~record.crowd].tolist():
            counts[label] += 1
    for (name, numbers), count in zip(found.per_class.items(), counts, strict=True):
        table.add_row(cell(name), f"{count:,}", *(percent_text(numbers[key]) for key in SHOWN))
    total = [found.metrics[f"m{key}"] for key in SHOWN]
    table.add_row(cell("mean", "bold"), f"{found.objects:,}", *map(percent_text, total))
    return table


def _beside_record(name: str, found: Validation) -> str | None:
    """Whether the run's record has the same numbers; None where there is none of this split."""
    try:
        record = find_run(name).record()
    except YololabError:
        return None
    if record is None or record.final != found.split:
        return None
    was = record.metrics["mAP"]
    now = found.metrics["mAP"]
    if was == now or (math.isnan(was) and math.isnan(now)):
        return "the record has the very same mAP"
    return f"the record has mAP {PERCENT * was:.4f}, this is {PERCENT * now:.4f}: other weights, data, code or machine"


def _plain(found: Validation, model: Loaded) -> dict[str, object]:
    content = {"model": model.card.name, "split": found.split, "images": found.images, "objects": found.objects}
    return content | {"metrics": nan_to_null(dict(found.metrics)), "per_class": nan_to_null(dict(found.per_class))}
