"""Model: what Python's users hold, a trained detector that predicts, is judged and leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from yololab.errors import ConfigError, did_you_mean
from yololab.inference.export import Written, export
from yololab.inference.export_options import ExportOptions
from yololab.inference.loaded import Loaded, Thresholds
from yololab.inference.prediction import Prediction
from yololab.inference.sources import frames_of
from yololab.inference.validate import Validation, validate


class Model:
    """A trained detector. Make one with `yololab.load`."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded

    def __repr__(self) -> str:
        card = self.loaded.card
        return f"Model({card.name!r}, {len(card.classes)} classes, {card.image_size}, {self.loaded.backend.name})"

    @property
    def classes(self) -> tuple[str, ...]:
        """Names, in the order of their labels."""
        return self.loaded.card.classes

    def predict(self, images: Any, *, batch_size: int = 16, **thresholds: Any) -> list[Prediction]:
        """Find objects in images: a path, folder, glob or URL, an array (H, W, 3) of uint8 in OpenCV's order BGR (or
        (H, W), grey), several of them as (N, H, W, 3), a PIL image, or any iterable of these, which is read a batch at
        a time. One Prediction each, boxes in pixels of the image.

        `thresholds` are those of Thresholds: confidence, iou, classes, max_detections, class_agnostic.

        Examples:
            >>> import numpy, yololab
            >>> model = yololab.load(RUN)
            >>> [found] = model.predict(numpy.zeros((48, 64, 3), numpy.uint8), confidence=0.9)
            >>> found.boxes_xyxy.shape, found.names
            ((0, 4), [])
        """
        _require_known(thresholds, Thresholds, {"conf": "confidence", "max_det": "max_detections"})
        frames = frames_of(images)
        return [found for _, found in self.loaded.stream(frames, Thresholds(**thresholds), batch_size)]

    def stream(self, images: Any, *, batch_size: int = 1, **thresholds: Any) -> Iterator[Prediction]:
        """The same, one after the other, for what does not fit into memory or does not end: a film, a camera.

        Examples:
            >>> import numpy, yololab
            >>> frames = (numpy.zeros((48, 64, 3), numpy.uint8) for _ in range(3))
            >>> [found.width for found in yololab.load(RUN).stream(frames)]
            [64, 64, 64]
        """
        _require_known(thresholds, Thresholds, {"conf": "confidence", "max_det": "max_detections"})
        for _, found in self.loaded.stream(frames_of(images), Thresholds(**thresholds), batch_size):
            yield found

    __call__ = predict

    def val(self, overrides: Sequence[str] = (), split: str | None = None) -> Validation:
        """Judge it on the data of its run, or on other data: `val(["data=yolo", "data.root=..."], split="test")`.

        Examples:
            >>> import yololab
            >>> found = yololab.load(RUN).val()
            >>> 0 <= found.metrics["mAP50"] <= 1
            True
        """
        return validate(self.loaded, overrides, split)

    def export(self, format: str, path: str | Path, **options: Any) -> Written:
        """Write it as `format` and compare with PyTorch on images; options are those of ExportOptions.

        Examples:
            >>> import yololab
            >>> yololab.load(RUN).export("torchscript", FOLDER / "model.torchscript").path.name
            'model.torchscript'
        """
        _require_known(options, ExportOptions, {"conf": "confidence", "max_det": "max_detections"})
        return export(self.loaded, format, Path(path), ExportOptions(**options))


def _require_known(given: dict[str, Any], kind: type, elsewhere: dict[str, str]) -> None:
    """ConfigError for a word that is none of a dataclass's fields, with its name here where it comes from elsewhere."""
    names = [one.name for one in fields(kind)]
    for name in given:
        if name not in names:
            here = f"; here it is {elsewhere[name]}" if name in elsewhere else did_you_mean(name, names)
            raise ConfigError(f"{name}: there is no such option{here}")
