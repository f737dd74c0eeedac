"""The images of a report: those that changed most between the baseline and a row, and what both networks look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from yololab.data.detection_data import DetectionData
from yololab.data.sample import load_image
from yololab.errors import YololabError
from yololab.report.changed import Change, most_changed
from yololab.report.panels import with_detections, with_labels, with_map
from yololab.run.detections import COLUMNS, DETECTIONS_FILE
from yololab.run.diagnosis import SCORE
from yololab.run.find import recorded
from yololab.run.folder import RunFolder
from yololab.run.record import RunRecord
from yololab.study.columns import Result
from yololab.study.rows import Row

if TYPE_CHECKING:
    from yololab.detector import Detector
    from yololab.report.attention_maps import Effect

MOST_IMAGES, MOST_MAPS = 6, 3
LEAST_RANGE = 0.1


@dataclass(frozen=True)
class Panel:
    """A picture and what it shows."""

    caption: str
    uri: str


@dataclass(frozen=True)
class Gate:
    """What an inserted block did on an image."""

    node: str
    panel: Panel
    channels: np.ndarray
    """Sorted, see attention_maps.Effect"""


@dataclass(frozen=True)
class ShownImage:
    """An image with its pictures."""

    name: str
    change: Change
    panels: Sequence[Panel]
    maps: Sequence[Panel] = ()
    gates: Sequence[Gate] = ()


@dataclass(frozen=True)
class Shown:
    """All that is shown of two rows, or why nothing is."""

    names: tuple[str, str]
    seed: int
    images: Sequence[ShownImage] = ()
    reason: str = ""


def images_of(study: Path, before: Result, after: Result, names: tuple[str, str]) -> Shown:
    """Of the seed that comes first among those that both rows have; networks only where their checkpoints are kept."""
    seeds = sorted(before.row.records.keys() & after.row.records.keys())
    if not seeds:
        return Shown(names, 0, reason="the rows share no seed")
    changes = most_changed(study, before.row, after.row, MOST_IMAGES)
    if not changes:
        return Shown(names, seeds[0], reason="no image has another number of errors, or runs kept no matches")
    try:
        return Shown(names, seeds[0], _pictures(study, (before.row, after.row), names, seeds[0], changes))
    except YololabError as error:
        return Shown(names, seeds[0], reason=f"the images cannot be shown: {_words(error)}")


def _words(error: YololabError) -> str:
    """Without its full stop: the page ends the sentence."""
    return str(error).rstrip(".")


def _pictures(
    study: Path, rows: tuple[Row, Row], names: tuple[str, str], seed: int, changes: Sequence[Change]
) -> list[ShownImage]:
    records = [row.records[seed] for row in rows]
    data = _data(study, records[0])
    ordered = sorted(data.records, key=lambda record: record.image_id)
    if max(change.image for change in changes) >= len(ordered):
        raise YololabError("the data here has fewer images than were judged")
    tables = [_detections(study / record.run_id) for record in records]
    networks = [_network(study, record) for record in records]
    found = []
    for place, change in enumerate(changes):
        record = ordered[change.image]
        image = load_image(record)
        panels = [Panel("labels", with_labels(image, record, data.classes))]
        for name, table in zip(names, tables, strict=True):
            if table is not None:
                own = table[table[:, 0] == record.image_id][:, 1:]
                panels.append(Panel(name, with_detections(image, own, data.classes)))
        maps, gates = _maps(networks, names, image) if place < MOST_MAPS else ([], [])
        found.append(ShownImage(record.name, change, panels, maps, gates))
    return found


def _data(study: Path, record: RunRecord) -> DetectionData:
    """The images that a record was judged on. YololabError where they are not those any more."""
    from yololab.assemble import make_parts

    config, _ = recorded(RunFolder(study / record.run_id), record)
    data = make_parts(config).source.read(record.final)
    if data.fingerprint() != record.data_fingerprint.rpartition("-")[2]:
        raise YololabError("the data here is not that which was judged")
    return data


def _detections(folder: Path) -> np.ndarray | None:
    """Rows of image id, x, y, width, height, score, label with at least SCORE; None where there is no such file."""
    import pyarrow
    import pyarrow.parquet

    path = folder / DETECTIONS_FILE
    if not path.is_file():
        return None
    try:
        table = pyarrow.parquet.read_table(path)
        columns = [np.asarray(table[name]) for name in ("image_id", *COLUMNS, "label")]
    except (OSError, KeyError, pyarrow.ArrowException) as error:
        raise YololabError(f"{path}: no readable detections ({str(error)[:200]})") from error
    rows = np.stack(columns, axis=1).astype(float)
    return rows[rows[:, 5] >= SCORE]


def _network(study: Path, record: RunRecord) -> tuple[Detector, list[str], int] | None:
    """The trained detector, its inserted nodes and its image size; None where no checkpoint is kept."""
    from yololab.assemble import build_detector
    from yololab.detector.weights import fill
    from yololab.graph.from_config import AS_WRITTEN, make_graph

    folder = RunFolder(study / record.run_id)
    if not folder.last_checkpoint.is_file():
        return None
    config, names = recorded(folder, record)
    classes = config["num_classes"] or len(names)
    detector = build_detector(config, classes)
    fill(detector, folder.last_checkpoint)
    plain = set(make_graph({**config, **AS_WRITTEN}, classes, attended=False).names)
    return detector.eval(), [n for n in detector.graph.names if n not in plain], config["image_size"]


def _maps(
    networks: Sequence[tuple[Detector, list[str], int] | None], names: Sequence[str], image: np.ndarray
) -> tuple[list[Panel], list[Gate]]:
    from yololab.report.attention_maps import look

    maps: list[Panel] = []
    gates: list[Gate] = []
    for name, network in zip(names, networks, strict=True):
        if network is None:
            continue
        detector, inserted, size = network
        seen = look(detector, image, size, inserted)
        maps.append(Panel(f"{name}: Eigen-CAM", with_map(image, seen.cam)))
        gates += [_gate(node, effect, image) for node, effect in seen.effects.items()]
    return maps, gates


def _gate(node: str, effect: Effect, image: np.ndarray) -> Gate:
    low, high = float(effect.places.min()), float(effect.places.max())
    middle, reach = (low + high) / 2, max(high - low, LEAST_RANGE)  # what is nearly even looks even
    shares = 0.5 + (effect.places - middle) / reach
    caption = f"{node}: output / input, {low:.2f} to {high:.2f}"
    return Gate(node, Panel(caption, with_map(image, shares)), np.sort(effect.channels))
