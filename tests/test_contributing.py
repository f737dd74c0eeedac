"""Every example of CONTRIBUTING.md, carried out in a copy of its own: as many files as it says, and it trains.

A process for each group of examples carries them out: this file as a script, which imports what is slow once and forks.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import io
import json
import math
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SMOKE = ("experiment=smoke", "recipe.epochs=1", "data.train=8", "data.val=4")
SMALL = ("scale=p", "num_classes=3", "image_size=64")
SECTIONS = {
    "attention": ("Add an attention", 2, 0),
    "block": ("Add a block", 2, 0),
    "head": ("Add a head", 2, 0),
    "assigner": ("Add an assigner", 2, 0),
    "box loss": ("Add a box loss", 2, 0),
    "model family": ("Add a model family", 2, 0),
    "tracker": ("Add a tracker", 2, 0),
    "table column": ("Add a column to the table", 0, 1),
    "outside": ("Parts outside of the package", 2, 0),
    "golden data": ("Add golden data", 1, 0),
}
"""Heading of each kind, how many files its example adds to the repository, and how many it changes."""
GROUPS = (
    ("attention", "block", "head", "golden data", "table column"),
    ("assigner", "box loss", "model family", "tracker", "outside"),
)
"""Two processes, so that two workers share the time."""


@dataclass(frozen=True)
class Example:
    """What a section tells a reader to write and to type."""

    text: str

    @classmethod
    def of(cls, kind: str) -> Example:
        return cls(GUIDE.partition(f"\n## {SECTIONS[kind][0]}\n")[2].partition("\n## ")[0])

    @property
    def blocks(self) -> list[tuple[str, str, str]]:
        """(path, language, content) of every fenced block that follows a path on a line of its own."""
        return re.findall(r"^`([\w./]+)`\n\n```(\w+)\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL)

    @property
    def commands(self) -> list[list[str]]:
        """Words of every line of the section's `sh` blocks."""
        found = re.findall(r"^```sh\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL)
        return [shlex.split(line, comments=True) for block in found for line in block.splitlines()]

    def write(self, folder: Path) -> None:
        for path, language, content in self.blocks:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_patched(target.read_text(), content) if language == "diff" else content)


def _patched(text: str, diff: str) -> str:
    """The added lines stand above the one line that begins as the next other line of the diff does, else at the end."""
    added: list[str] = []
    for line in diff.splitlines():
        if line.startswith("+"):
            added.append(line[1:])
        elif line.startswith(" "):
            start = line[1:].partition(",")[0]
            (anchor,) = re.findall(rf"^{re.escape(start)}.*\n", text, re.MULTILINE)
            text = text.replace(anchor, "\n".join([*added, anchor]))
            added = []
    return "\n".join([text.rstrip("\n"), *added]) + "\n"


def make_copy(folder: Path) -> None:
    for name in ("src", "conf"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("train.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)


def contents(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", SECTIONS)
def test_an_example_is_as_many_files_as_promised_and_passes_ruff(kind, tmp_path):
    make_copy(tmp_path)
    before = contents(tmp_path)
    Example.of(kind).write(tmp_path)
    after = contents(tmp_path)
    added = [path for path in after if path not in before]
    changed = [path for path in before if after[path] != before[path]]
    assert (len(added), len(changed)) == SECTIONS[kind][1:], f"added {added}, changed {changed}"
    python = [str(path) for path in (*added, *changed) if path.suffix == ".py"]
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", *python]
        assert not python or subprocess.run(ruff, cwd=tmp_path, check=False).returncode == 0


def test_every_section_that_adds_something_is_carried_out():
    headings = re.findall(r"^## (Add .*|Parts .*)$", GUIDE, re.MULTILINE)
    assert headings == [heading for heading, *_ in SECTIONS.values()]
    assert sorted(kind for group in GROUPS for kind in group) == sorted(SECTIONS)


def test_every_folder_of_the_package_has_its_line():
    folders = [path.parent.name for path in (ROOT / "src" / "yololab").glob("*/__init__.py")]
    assert [name for name in folders if f"{name}/`" not in GUIDE.partition("\n## Where things stand\n")[2]] == []


@pytest.mark.parametrize(
    "group",
    [pytest.param(GROUPS[0]), *(pytest.param(group, marks=pytest.mark.slow) for group in GROUPS[1:])],
    ids="+".join,
)
def test_the_commands_of_an_example_work_and_every_parameter_learns(group, tmp_path):
    copies = []
    for kind in group:
        folder = tmp_path / kind
        make_copy(folder)
        Example.of(kind).write(folder)
        copies.append(f"{kind}={folder}")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, __file__, *copies]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# --- What follows runs in a child of this file as a script, where yololab is the copy's. ---

SLOW_IMPORTS = (
    *("torch.utils.flop_counter", "torchvision", "lightning.pytorch.loggers.wandb", "torchmetrics", "hydra.main"),
    *("matplotlib.pyplot", "scipy.stats", "cv2", "pycocotools.coco", "hotcoco", "rich.table", "jsonschema"),
)


def main(copies: list[str]) -> int:
    """Carry out each KIND=COPY in a process of its own; how many failed."""
    for name in SLOW_IMPORTS:
        importlib.import_module(name)
    return sum(_in_a_child(*copy.split("=", 1)) for copy in copies)


def _in_a_child(kind: str, copy: str) -> bool:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.chdir(copy)
            os.environ["PYTHONPATH"] = f"{copy}/src"
            sys.path[:0] = [copy, f"{copy}/src"]
            print(f"--- {kind}")
            _carry_out(kind, Path(copy))
            status = 0
        except BaseException:
            traceback.print_exc(file=sys.stdout)
        finally:
            sys.stdout.flush()
            os._exit(status)
    return os.waitpid(child, 0)[1] != 0


def _carry_out(kind: str, copy: Path) -> None:
    example = Example.of(kind)
    yololab = importlib.import_module("yololab")
    assert str(yololab.__file__).startswith(str(copy)), yololab.__file__
    before = BEFORE.get(kind)
    if before is not None:
        before(copy)
    for words in example.commands:
        print(f"$ {shlex.join(words)}")
        PROGRAMS[words[0]](words[1:], copy, example)
    CHECKS[kind](example, copy)


def _python(words: list[str], copy: Path, example: Example) -> None:
    if words[0] == "train.py":
        _train(words, copy, example)
    else:
        runpy.run_path(words[0])


def _train(words: list[str], copy: Path, example: Example) -> None:
    """A step by hand, then the command in its smallest form."""
    from yololab.cli import train_command

    own = [path for path, *_ in example.blocks if path.endswith(".py")]
    learns(words[1:], own[0] if own else "")
    quiet = [] if any(word.startswith("tracker=") for word in words) else ["tracker=none"]
    known = set((copy / "runs").glob("*/*/results.json"))
    sys.argv = ["train.py", *words[1:], *SMOKE, *quiet]
    train_command.main()
    (new,) = set((copy / "runs").glob("*/*/results.json")) - known
    assert 0 <= json.loads(new.read_text())["metrics"]["mAP"] <= 1


def _yololab(words: list[str], *_: Any) -> str:
    """Run it; what it printed."""
    from yololab.cli.main import main as command

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as end:
        command(words)
    print(out.getvalue() + err.getvalue())
    assert (end.value.code == 0) != bool(err.getvalue()), end.value.code
    return out.getvalue() + err.getvalue()


def _pytest(words: list[str], copy: Path, *_: Any) -> None:
    """A test of the repository against the copy; jaxtyping's hook would come too late here."""
    arguments = [str(ROOT / word) if word.startswith("tests/") else word for word in words]
    assert pytest.main([*arguments, "-q", "-o", "addopts=-p no:cacheprovider", "--rootdir", str(ROOT)]) == 0


PROGRAMS: dict[str, Callable[..., Any]] = {"python": _python, "yololab": _yololab, "pytest": _pytest}


def learns(words: list[str], own_file: str) -> None:
    """A step on a small model reaches every parameter, those of the example with a gradient that is not 0."""
    import torch

    from yololab.assemble import build_detector, make_parts
    from yololab.config.compose import compose
    from yololab.structures import Targets

    config_dir = words.pop(words.index("--config-dir") + 1) if "--config-dir" in words[:-1] else None
    overrides = [word for word in words if word != "--config-dir" and not word.startswith("scale=")]
    config = compose([*SMALL, *overrides], config_dir)
    parts = make_parts(config)
    detector = build_detector(config, parts.num_classes)
    boxes = torch.tensor([[[6.0, 6, 30, 34], [20, 24, 60, 62]], [[10.0, 12, 50, 40], [0, 0, 0, 0]]])
    targets = Targets(boxes, torch.tensor([[0, 2], [1, 0]]), torch.tensor([[True, True], [True, False]]))
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    decoded = {name: detector.head.decode(maps, name) for name, maps in detector(images).items()}
    total = parts.loss(decoded, targets).total
    total.backward()
    assert torch.isfinite(total)
    assert [name for name, p in detector.named_parameters() if p.requires_grad and p.grad is None] == []
    own_module = own_file.removeprefix("src/").removesuffix(".py").replace("/", ".")
    own = {name: module for name, module in detector.named_modules() if type(module).__module__ == own_module}
    for name, module in own.items():
        for inner, p in module.named_parameters():
            assert not p.requires_grad or p.grad.abs().sum() > 0, f"{name}.{inner} learns nothing"
    if own_module.startswith(("yololab.attention", "yololab.blocks", "yololab.heads", "my_module")):
        assert own, f"no module of {own_module}"
    with torch.no_grad():
        expected, deployed = detector.eval()(images), detector.deploy()(images)
    torch.testing.assert_close(deployed.scores, expected.scores, rtol=1e-3, atol=1e-5)


def _class(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def check_attention(example: Example, copy: Path) -> None:
    """The placebo matches at both sizes, and the contract of attentions finds the new YAML."""
    import yololab
    from yololab.detector.complexity import node_rows

    for size in (640, 320):
        common = ["attention=three_planes", "insert_pos=all_heads", f"image_size={size}"]
        attended, placebo = (
            node_rows(yololab.build([*common, f"insert_pos.placebo={flag}"], device="meta"), size)
            for flag in ("false", "true")
        )
        pairs = [(a, p) for a, p in zip(attended, placebo, strict=True) if a.block == "ThreePlanes"]
        assert len(pairs) == 3
        for wanted, got in pairs:
            assert (got.block, got.parameters, wanted.parameters) == ("Placebo", 300, 300)
            assert math.isclose(got.gflops, wanted.gflops, rel_tol=0.05), f"{wanted.name} at {size}: {wanted}, {got}"
    _pytest(["tests/attention", "-k", "three_planes"], copy)


def check_block(example: Example, copy: Path) -> None:
    import torch

    make = _class("yololab.blocks.conv_next.ConvNeXtBlock")
    block, x = make(8, kernel_size=7, ratio=4, shortcut=True), torch.rand(1, 8, 4, 4)
    torch.nn.init.zeros_(block.project.weight)
    torch.nn.init.zeros_(block.project.bias)
    assert torch.equal(block(x), x)
    assert block.around.conv.weight.shape == (8, 1, 7, 7)


def check_head(example: Example, copy: Path) -> None:
    """One tower for all levels: fewer parameters than a tower each, and every level's factor scales its own boxes."""
    import yololab

    shared, plain = (yololab.build([f"head={head}"], device="meta").head for head in ("shared_detect", "detect"))
    assert shared.tower[0][0].weight.shape == (64, 64, 3, 3)  # hidden 256 at width 0.25
    assert sum(p.numel() for p in shared.parameters()) < sum(p.numel() for p in plain.parameters()) / 3


def check_assigner(example: Example, copy: Path) -> None:
    """Side 32 is 4 strides of 8: the cells around (20, 20), whose centre (20, 20) is nearest, are its points."""
    import torch

    from yololab.ops.grid import grid_points
    from yololab.structures import Predictions, Targets

    nearest_center = _class("yololab.assigners.nearest_center.NearestCenter")
    points, strides = grid_points([torch.zeros(1, 1, n, n) for n in (8, 4, 2)], (8, 16, 32))
    predictions = Predictions(torch.zeros(1, 84, 4), torch.zeros(1, 84, 2), points, strides)
    box, padding = [4.0, 4, 36, 36], [0.0, 0, 0, 0]
    targets = Targets(torch.tensor([[box, padding]]), torch.tensor([[1, 0]]), torch.tensor([[True, False]]))
    found = nearest_center(top_k=1)(predictions, targets)
    assert points[found.positive[0]].tolist() == [[20, 20]]
    assert strides[found.positive[0]].tolist() == [8]
    assert nearest_center(top_k=5)(predictions, targets).positive.sum() == 5


def check_box_loss(example: Example, copy: Path) -> None:
    """IoU 1/2 and the bottom right corner 10 pixels off in an input of 100: 1 - 1/2 + 100 / 20000."""
    import torch

    from yololab.config.compose import compose

    assert compose(["loss=corner_iou", "image_size=320"])["loss"]["box"]["image_size"] == 320
    predicted = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 20], [5, 5, 5, 5]], requires_grad=True)
    criterion = _class("yololab.losses.corner_iou.CornerIoULoss")(image_size=100)
    loss = criterion(predicted, torch.tensor([[0.0, 0, 10, 20], [0, 0, 10, 20], [5, 5, 5, 5]]))
    torch.testing.assert_close(loss[:2], torch.tensor([0.505, 0.0]), atol=1e-6, rtol=0)
    loss.sum().backward()
    assert torch.isfinite(loss).all()
    assert torch.isfinite(predicted.grad).all()


def check_family(example: Example, copy: Path) -> None:
    """Width 0.75 of 128 channels, depth 0.67 of 6 repeats; a name that the family lacks is answered as documented."""
    import yololab

    model = yololab.build(["model=slim", "scale=m"], device="meta")
    assert model.specs["backbone.stage3"].channels == 96
    assert len(model.node("backbone.stage3").m) == 4
    (command, answer) = re.findall(r"^```console\n\$ (.*)\n(.*)\n```$", example.text, re.MULTILINE)[0]
    assert _yololab(command.split()[1:]).strip() == answer


def check_tracker(example: Example, copy: Path) -> None:
    (path,) = (copy / "runs").glob("*/*/events.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [lines[0]["event"], lines[-1]["event"]] == ["begin", "finish"]
    assert lines[0]["run"] == path.parent.name
    assert {"mAP", "params_train"} <= set(lines[-1])
    assert any("val/mAP" in line for line in lines if line["event"] == "metrics")


def write_two_records(copy: Path) -> None:
    from study.case import record

    for choice, gibibytes in (("none", 1.5), ("cbam", 2.5)):
        one = dataclasses.replace(record(0, 0.5, attention=choice), peak_memory={"process": gibibytes * 2**30})
        folder = copy / "runs" / "demo" / one.run_id
        folder.mkdir(parents=True)
        one.write(folder)


def check_column(example: Example, copy: Path) -> None:
    text = (copy / "runs" / "demo" / "table.md").read_text().splitlines()
    at = text[0].split(" | ").index("memory (GiB)")
    assert [line.split(" | ")[at] for line in text[2:4]] == ["1.5", "2.5"]
    assert "peak_memory_process" in (copy / "runs" / "demo" / "table.csv").read_text()


def check_outside(example: Example, copy: Path) -> None:
    """With the YAML the choice has its name; without it, the class's, and the bias is the default's."""
    specs = [json.loads(path.read_text()) for path in (copy / "runs").glob("*/*/spec.json")]
    assert sorted(spec["choices"]["attention"] for spec in specs) == ["MyAttention", "mine"]


def check_golden(example: Example, copy: Path) -> None:
    assert (copy / "my_golden" / "cases.json").is_file()


BEFORE: dict[str, Callable[[Path], None]] = {"table column": write_two_records}
CHECKS: dict[str, Callable[[Example, Path], None]] = {
    "attention": check_attention,
    "block": check_block,
    "head": check_head,
    "assigner": check_assigner,
    "box loss": check_box_loss,
    "model family": check_family,
    "tracker": check_tracker,
    "table column": check_column,
    "outside": check_outside,
    "golden data": check_golden,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
