"""The subcommands that use a trained detector, as argparse knows them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from yololab.cli.subcommand import command

MODEL_HELP = "a run (STUDY/RUN, its folder or id), an exported file, or a checkpoint with model=... that builds it"


def add_model_commands(commands: Any) -> None:
    """val, predict, export and benchmark."""
    val = commands.add_parser("val", help="judge a trained detector, on its own data or on others")
    val.add_argument("model", metavar="RUN | FILE", help=MODEL_HELP)
    val.add_argument("more", nargs="*", metavar="key=value", help="other data: data=yolo data.root=/path/to/data.yaml")
    val.add_argument("--split", help="train, val or test; default: the one that the run's final numbers come from")
    val.add_argument("--json", action="store_true", help="as JSON")
    _add_loading(val)
    val.set_defaults(run=command("val", needs_torch=True))
    _add_predict(commands)
    _add_export(commands)
    _add_benchmark(commands)


def _add_predict(commands: Any) -> None:
    predict = commands.add_parser("predict", help="find objects in images, videos, a camera or URLs")
    predict.add_argument("model", metavar="RUN | FILE", help=MODEL_HELP)
    words = "an image, folder, 'glob', video, camera number, URL, or a .txt list of these"
    predict.add_argument("source", metavar="SOURCE", help=words)
    more = "further sources; key=value: what builds the detector of a bare checkpoint"
    predict.add_argument("more", nargs="*", metavar="SOURCE | key=value", help=more)
    predict.add_argument("--confidence", "--conf", type=float, default=0.25, metavar="X", help="least score; 0.25")
    predict.add_argument("--iou", type=float, metavar="X", help="overlap that suppresses; default: as in training")
    predict.add_argument("--classes", metavar="NAME,...", help="only these")
    predict.add_argument("--max-detections", type=int, default=300, metavar="N", help="in an image; 300")
    predict.add_argument("--class-agnostic", action="store_true", help="classes suppress each other")
    predict.add_argument("--slice", type=int, metavar="PIXELS", help="cut large images into slices (supervision)")
    predict.add_argument("--overlap", type=float, default=0.2, metavar="SHARE", help="of neighbouring slices; 0.2")
    predict.add_argument("--batch", type=int, default=16, metavar="N", help="images at a time; 16")
    kinds = "pictures,json,csv,yolo,yolo_scores; default: pictures,json"
    predict.add_argument("--save", default="pictures,json", metavar="KIND,...", help=kinds)
    predict.add_argument(
        "--out", "--output", dest="output", type=Path, metavar="FOLDER", help="default: predictions/<run>, -2, -3, ..."
    )
    _add_loading(predict)
    predict.set_defaults(run=command("predict", needs_torch=True))


def _add_export(commands: Any) -> None:
    export = commands.add_parser("export", help="write a trained detector in a format of others, and check it")
    export.add_argument("model", metavar="RUN | FILE", help=MODEL_HELP)
    export.add_argument("more", nargs="*", metavar="key=value", help="what builds the detector of a bare checkpoint")
    formats = "onnx (default), torchscript, openvino, tensorrt, coreml, safetensors (weights for another training)"
    export.add_argument("--format", default="onnx", metavar="NAME", help=formats)
    export.add_argument("--nms", action="store_true", help="end in suppression, by the three thresholds below")
    export.add_argument("--confidence", "--conf", type=float, default=0.25, metavar="X", help="least score; 0.25")
    export.add_argument("--iou", type=float, metavar="X", help="overlap that suppresses; default: as in training")
    export.add_argument("--max-detections", type=int, default=300, metavar="N", help="in an image; 300")
    export.add_argument("--half", action="store_true", help="compute in float16; inputs and outputs stay float32")
    export.add_argument("--dynamic", action="store_true", help="any batch, height and width")
    export.add_argument("--batch", type=int, default=1, metavar="N", help="images at a time; 1")
    export.add_argument(
        "--out", "--output", dest="output", type=Path, metavar="FILE", help="default: in the run's folder"
    )
    _add_loading(export)
    export.set_defaults(run=command("export", needs_torch=True))


def _add_benchmark(commands: Any) -> None:
    benchmark = commands.add_parser("benchmark", help="how fast detectors are, timed in turn on this machine")
    words = "a study, all of whose detectors are timed, or any number of runs"
    benchmark.add_argument("models", nargs="+", metavar="STUDY | RUN", help=words)
    benchmark.add_argument("--with", dest="backends", default="pytorch", metavar="NAME,...", help="pytorch,onnx")
    benchmark.add_argument("--batch", default="1", metavar="N,...", help="images at a time: 1,16; default 1")
    benchmark.add_argument("--rounds", type=int, default=50, metavar="N", help="measurements of each; default 50")
    benchmark.add_argument("--threads", type=int, metavar="N", help="CPU threads; default: torch's")
    benchmark.add_argument("--json", action="store_true", help="as JSON")
    _add_loading(benchmark)
    benchmark.set_defaults(run=command("benchmark", needs_torch=True))


def _add_loading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--checkpoint", choices=("last", "best"), default="last", help="of a run; last is judged")
    parser.add_argument("--device", help="cpu, cuda, cuda:1, mps; default: a GPU where there is one")
    parser.add_argument("--trust", action="store_true", help="let a run from elsewhere import the code that it names")
