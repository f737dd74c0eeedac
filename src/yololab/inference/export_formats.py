"""Formats of other runtimes: one function each that writes a network into a file, with its card inside."""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from yololab.errors import RunFailed, YololabError
from yololab.files import whole_file
from yololab.inference.card import KEY, Card
from yololab.inference.exported import Exported


@dataclass(frozen=True)
class Prepared:
    """What a format is made of."""

    network: Exported
    images: Tensor
    """(B, 3, H, W) that it is traced with"""
    card: Card
    dynamic: bool
    half: bool

    @property
    def outputs(self) -> list[str]:
        """Names of what the network yields."""
        if self.card.nms:
            return ["detections", "prototypes"] if self.card.masks else ["detections"]
        return ["boxes", "scores", "mask_coefficients", "prototypes"][: 4 if self.card.masks else 2]


@dataclass(frozen=True)
class Format:
    """How a format is written."""

    suffix: str
    write: Callable[[Prepared, Path], None]
    cannot_check: str | None = None
    """Why what it writes cannot be compared here"""


def write_onnx(prepared: Prepared, path: Path) -> None:
    """ONNX by PyTorch's exporter (torch.export); opset 18."""
    onnx = need("onnx", "onnx")
    need("onnxscript", "onnx")
    dynamic = None
    if prepared.dynamic:
        stride, dim = prepared.card.stride, torch.export.Dim
        sides = {2: stride * dim("rows", min=1, max=512), 3: stride * dim("columns", min=1, max=512)}
        dynamic = ({0: dim("batch", min=1, max=4096), **sides},)
    images = prepared.images
    if prepared.dynamic:  # an example of equal sides or of one image would be taken for a rule
        images = torch.zeros(2, 3, 2 * prepared.card.stride, 3 * prepared.card.stride)
    with _quiet():
        program: Any = torch.onnx.export(
            prepared.network,
            (images,),
            input_names=["images"],
            output_names=prepared.outputs,
            dynamic_shapes=dynamic,
            dynamo=True,
            verbose=False,
            opset_version=18,
            external_data=False,
        )
    content = program.model_proto
    content.metadata_props.append(onnx.StringStringEntryProto(key=KEY, value=prepared.card.to_json()))
    with whole_file(path) as temporary:
        onnx.save_model(content, str(temporary))


def write_torchscript(prepared: Prepared, path: Path) -> None:
    """TorchScript by tracing, frozen."""
    with torch.inference_mode(False), torch.no_grad(), _quiet():
        traced: Any = torch.jit.trace(prepared.network, (prepared.images,), check_trace=False)
        frozen = torch.jit.freeze(traced.eval())
    with whole_file(path) as temporary:
        torch.jit.save(frozen, str(temporary), _extra_files={KEY: prepared.card.to_json()})


def write_openvino(prepared: Prepared, path: Path) -> None:
    """OpenVINO's .xml and .bin, by way of ONNX; `half` keeps weights in float16."""
    openvino = need("openvino", "openvino")
    with tempfile.TemporaryDirectory() as folder:
        between = Path(folder) / "model.onnx"
        write_onnx(prepared, between)
        model = openvino.convert_model(str(between))
        model.set_rt_info(prepared.card.to_json(), KEY)
        openvino.save_model(model, str(path), compress_to_fp16=prepared.half)


def write_coreml(prepared: Prepared, path: Path) -> None:
    """A Core ML program, by way of torch.export."""
    if prepared.card.nms:
        raise YololabError("format=coreml: suppression inside is not written; leave out nms")
    with _quiet():
        coremltools: Any = need("coremltools", "coreml")
    with torch.inference_mode(False), torch.no_grad(), _quiet():
        traced = torch.export.export(prepared.network, (prepared.images,)).run_decompositions({})
        _without_aliases(traced)
        named = [coremltools.TensorType(name) for name in prepared.outputs]
        precision = coremltools.precision.FLOAT16 if prepared.half else coremltools.precision.FLOAT32
        program = coremltools.convert(traced, outputs=named, convert_to="mlprogram", compute_precision=precision)
    program.user_defined_metadata[KEY] = prepared.card.to_json()
    program.save(str(path))


def _without_aliases(program: torch.export.ExportedProgram) -> None:
    """Take out operations that only name a tensor again: coremltools 9 does not know them."""
    for node in list(program.graph.nodes):
        if node.op == "call_function" and node.target is torch.ops.aten.alias.default:
            node.replace_all_uses_with(node.args[0])
            program.graph.erase_node(node)


def write_tensorrt(prepared: Prepared, path: Path) -> None:
    """A TensorRT engine for the GPU of this machine, by way of ONNX."""
    tensorrt: Any = need("tensorrt", "tensorrt")
    if not torch.cuda.is_available():
        raise YololabError("format=tensorrt: an engine is built on the NVIDIA GPU that will run it; there is none here")
    logger = tensorrt.Logger(tensorrt.Logger.ERROR)
    builder = tensorrt.Builder(logger)
    network = builder.create_network(0)
    parser = tensorrt.OnnxParser(network, logger)
    with tempfile.TemporaryDirectory() as folder:
        between = Path(folder) / "model.onnx"
        write_onnx(prepared, between)
        if not parser.parse(between.read_bytes()):
            raise RunFailed(f"{path}: TensorRT cannot read the network: {parser.get_error(0)}")
    config = builder.create_builder_config()
    if prepared.dynamic:
        stride, size = prepared.card.stride, prepared.card.image_size
        profile = builder.create_optimization_profile()
        profile.set_shape("images", (1, 3, stride, stride), (1, 3, size, size), (16, 3, size, size))
        config.add_optimization_profile(profile)
    engine = builder.build_serialized_network(network, config)
    if engine is None:
        raise RunFailed(f"{path}: TensorRT could not build an engine; its own messages stand above")
    with whole_file(path) as temporary:
        temporary.write_bytes(bytes(engine))


FORMATS: Mapping[str, Format] = {
    "onnx": Format(".onnx", write_onnx),
    "torchscript": Format(".torchscript", write_torchscript),
    "openvino": Format(".xml", write_openvino),
    "tensorrt": Format(".engine", write_tensorrt, "yololab does not run engines"),
    "coreml": Format(".mlpackage", write_coreml, "Core ML runs on Apple's systems"),
}
WEIGHTS = "safetensors"
NAMES = (*FORMATS, WEIGHTS)


def need(module: str, extra: str) -> Any:
    """A tool's module. YololabError that says how to get it where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise YololabError(f"this format needs {module}: pip install 'yololab[{extra}]'") from error


def _quiet() -> contextlib.ExitStack:
    """Without the exporters' own progress on the terminal."""
    stack = contextlib.ExitStack()
    stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
    stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
    for name in ("torch.onnx", "onnxscript", "onnx_ir", "torch.export", "coremltools"):
        logger = logging.getLogger(name)
        level = logger.level
        logger.setLevel(logging.ERROR)
        stack.callback(logger.setLevel, level)
    return stack
