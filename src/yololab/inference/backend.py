"""What computes: a network of PyTorch, or an exported file in its own runtime; the same boxes from all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from yololab.detector import Detector
from yololab.errors import YololabError
from yololab.inference.card import KEY, Card, card_of
from yololab.metrics.nms import NMSConfig, Suppressed, suppress
from yololab.ops.channels_last import channels_last
from yololab.structures import Detections


class Backend(Protocol):
    """Finds objects in a batch."""

    name: str

    def raw(self, images: Tensor) -> Sequence[Tensor]:
        """Images (B, 3, H, W) in [0, 1] -> what the network yields: see `yololab.inference.exported`."""
        ...


class TorchBackend:
    """A Detector on a device; `precision` is the recipe's, bf16-mixed or 16-mixed run under autocast."""

    def __init__(self, detector: Detector, device: torch.device, precision: str = "32-true") -> None:
        self.name = "PyTorch"
        self.detector, self.device = channels_last(detector.eval().to(device)), device
        self.cast = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}.get(precision)

    @torch.inference_mode()
    def raw(self, images: Tensor) -> Sequence[Tensor]:
        """Boxes, scores and, where there are masks, their coefficients and prototypes."""
        with torch.autocast(self.device.type, self.cast, enabled=self.cast is not None):
            found = self.detector(images.to(self.device, non_blocking=True, memory_format=torch.channels_last))
        return [value for value in found if value is not None]


class RuntimeBackend:
    """An exported file; `call` takes and gives arrays."""

    def __init__(self, name: str, call: Callable[[np.ndarray], Sequence[np.ndarray]], card: Card) -> None:
        self.name, self._call, self._card = name, call, card

    def raw(self, images: Tensor) -> Sequence[Tensor]:
        """What the file yields; a batch that is too small is filled up."""
        try:
            return self._raw(images.cpu().numpy(), self._card.batch)
        except Exception as error:  # every runtime has errors of its own
            reason = " ".join(str(error).split())[:300] or type(error).__name__
            raise YololabError(
                f"{self._card.name}: {self.name} cannot compute inputs of shape {tuple(images.shape)}: {reason}"
            ) from error

    def _raw(self, array: np.ndarray, batch: int | None) -> Sequence[Tensor]:
        if batch is None or len(array) == batch:
            return [torch.from_numpy(np.asarray(part)) for part in self._call(array)]
        parts = []
        for start in range(0, len(array), batch):
            part = array[start : start + batch]
            filled = np.concatenate((part, np.zeros((batch - len(part), *part.shape[1:]), part.dtype)))
            parts.append([np.asarray(found)[: len(part)] for found in self._call(filled)])
        return [torch.from_numpy(np.concatenate(found)) for found in zip(*parts, strict=True)]


def suppressed(raw: Sequence[Tensor], card: Card, config: NMSConfig) -> tuple[list[Suppressed], Tensor | None]:
    """What remains of each image, and the mask prototypes where there are any.

    A file that ends in suppression has done it already: of `config`, confidence and the limit are applied to it.
    """
    if not card.nms:
        found = Detections(*raw)
        return suppress(found, config), found.prototypes
    prototypes = raw[1] if card.masks else None
    return [_of_rows(rows, config) for rows in raw[0]], prototypes


def _of_rows(rows: Tensor, config: NMSConfig) -> Suppressed:
    kept = rows[rows[:, 4] > config.confidence][: config.max_detections].float()
    coefficients = kept[:, 6:] if rows.shape[1] > 6 else None
    return Suppressed(kept[:, :4], kept[:, 4], kept[:, 5].long(), coefficients)


def open_onnx(path: Path, threads: int | None = None) -> tuple[RuntimeBackend, Card]:
    """A .onnx file in ONNX Runtime. YololabError where it or the runtime cannot be had."""
    onnxruntime = _module("onnxruntime", path)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if threads is not None:
        options.intra_op_num_threads = threads
    wanted = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    providers = [name for name in wanted if name in onnxruntime.get_available_providers()]
    session = _opened(path, lambda: onnxruntime.InferenceSession(str(path), options, providers=providers))
    card = card_of(session.get_modelmeta().custom_metadata_map.get(KEY), path)
    place = session.get_inputs()[0].name
    return RuntimeBackend("ONNX Runtime", lambda images: session.run(None, {place: images}), card), card


def open_torchscript(path: Path) -> tuple[RuntimeBackend, Card]:
    """A .torchscript file, on the CPU. It is a program: only the user's own are run, see `yololab.inference.load`."""
    extra = {KEY: ""}
    network = _opened(path, lambda: torch.jit.load(str(path), map_location="cpu", _extra_files=extra))
    text: Any = extra[KEY]
    card = card_of(text.decode() if isinstance(text, bytes) else text, path)

    def call(images: np.ndarray) -> Sequence[np.ndarray]:
        with torch.inference_mode():
            found = network(torch.from_numpy(images))
        return [part.numpy() for part in (found if isinstance(found, tuple | list) else (found,))]

    return RuntimeBackend("TorchScript", call, card), card


def open_openvino(path: Path) -> tuple[RuntimeBackend, Card]:
    """An .xml file with its .bin, in OpenVINO on the CPU. YololabError where it or the runtime cannot be had."""
    openvino = _module("openvino", path)
    core = openvino.Core()
    model = _opened(path, lambda: core.read_model(str(path)))
    card = card_of(str(model.rt_info[KEY].value) if KEY in model.rt_info else None, path)
    compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    outputs = list(compiled.outputs)

    def call(images: np.ndarray) -> Sequence[np.ndarray]:
        found = compiled(images)
        return [found[output] for output in outputs]

    return RuntimeBackend("OpenVINO", call, card), card


OPENERS: dict[str, Callable[[Path], tuple[RuntimeBackend, Card]]] = {
    ".onnx": open_onnx,
    ".torchscript": open_torchscript,
    ".xml": open_openvino,
}
"""Of exported files, by their ending"""


def _module(name: str, path: Path) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise YololabError(f"{path}: {name} runs such files, and is not installed: pip install {name}") from error


def _opened(path: Path, open_: Callable[[], Any]) -> Any:
    try:
        return open_()
    except Exception as error:  # every runtime has errors of its own for bytes that it does not understand
        reason = " ".join(str(error).split()) or type(error).__name__
        raise YololabError(f"{path}: cannot be opened: {reason[:300]}") from error
