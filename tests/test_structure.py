"""The house: which folders and files there are, who may import whom, what a class may override, what has tests.

Everything is derived from the tree and from pyproject.toml; a module or folder that is added is checked with no edit.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections import Counter
from pathlib import Path

import grimp
import pytest

import yololab.errors
from parts import choices

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "yololab"
TESTS = ROOT / "tests"
FILES = sorted(SOURCE.rglob("*.py"))
GROUP_FOLDERS = {
    "attention": "attention",
    "block": "blocks",
    "head": "heads",
    "assigner": "assigners",
    "loss": "losses",
    "data": "data",
    "tracker": "trackers",
    "recipe": "training",
}
LOOSE_MODULES = {"assemble", "structures", "terminal", "errors", "files"}
"""Modules that stand in no folder."""
SHARED_NAMES = {"__init__.py", "base.py"}
"""Names that files of several folders may have: a folder's contents, and the contract of a kind."""
MAX_LINES, MAX_FUNCTION_LINES = 250, 45
FEW_STATEMENTS = 4
"""A module of fewer statements than this in its functions and classes has no logic to test."""


@pytest.mark.parametrize(("group", "folder"), GROUP_FOLDERS.items())
def test_a_group_has_a_source_folder_and_a_contract(group, folder):
    assert choices(group), f"conf/{group} is empty"
    assert (SOURCE / folder / "__init__.py").is_file()
    assert (TESTS / folder / "test_contract.py").is_file()


def statements(path: Path) -> int:
    """Statements inside functions and classes, but for docstrings, bare declarations and what only says "abstract"."""
    tree = ast.parse(path.read_text())
    defined = (ast.FunctionDef, ast.AsyncFunctionDef)
    count = 0
    for function in (node for node in ast.walk(tree) if isinstance(node, defined)):
        for node in ast.walk(function):
            docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            abstract = isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node)
            count += isinstance(node, ast.stmt) and not (docstring or abstract or isinstance(node, defined))
    return count


def test_every_module_with_logic_has_tests_under_its_own_name():
    lacking = []
    for path in FILES:
        test = TESTS / path.parent.relative_to(SOURCE) / f"test_{path.name}"
        if path.name != "__init__.py" and statements(path) >= FEW_STATEMENTS and not test.is_file():
            lacking.append(str(test.relative_to(ROOT)))
    assert lacking == []


def test_tests_of_a_module_stand_where_the_module_does():
    """A file of tests/<folder>/ is named after a module of src/yololab/<folder>/, or tests a contract."""
    folders = [folder for folder in SOURCE.rglob("*") if (folder / "__init__.py").is_file()]
    homeless = []
    for folder in folders:
        place = TESTS / folder.relative_to(SOURCE)
        for test in place.glob("test_*.py"):
            if test.name != "test_contract.py" and not (folder / test.name.removeprefix("test_")).is_file():
                homeless.append(str(test.relative_to(ROOT)))
    assert sorted(homeless) == []


def pyproject():
    tomllib = pytest.importorskip("tomllib", reason="Python 3.11 brings it")
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_layers_are_the_modules_of_the_package():
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    named = [name.strip() for layer in layers for name in layer.split("|")]
    present = {path.stem for path in SOURCE.glob("*.py")} - {"__init__"}
    present |= {path.name for path in SOURCE.iterdir() if (path / "__init__.py").is_file()}
    assert Counter(named) == Counter(present)


def test_modules_that_a_contract_of_imports_names_exist():
    graph = {".".join(("yololab", *path.relative_to(SOURCE).with_suffix("").parts)) for path in FILES}
    for contract in pyproject()["tool"]["importlinter"]["contracts"]:
        for name in contract.get("source_modules", []):
            assert name in graph or f"{name}.__init__" in graph, name


def circles(edges: dict[str, set[str]]) -> list[set[str]]:
    """Sets of more than one module of which each reaches every other."""
    found = []
    reached = {module: reachable(module, edges) for module in edges}
    left = set(edges)
    while left:
        module = left.pop()
        circle = {other for other in reached[module] if module in reached[other]} | {module}
        left -= circle
        if len(circle) > 1:
            found.append(circle)
    return found


def reachable(start: str, edges: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = edges[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def test_no_modules_import_each_other_in_a_circle():
    """Imports inside functions count: what must be hidden from the interpreter is a circle all the same."""
    graph = grimp.build_graph("yololab", cache_dir=None)
    edges = {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
    assert len(edges) > 100
    assert circles(edges) == []


def test_a_circle_is_seen():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [{"b", "c"}]


def test_no_two_modules_share_a_file_name():
    names = Counter(path.name for path in FILES if path.name not in SHARED_NAMES)
    assert {name: count for name, count in names.items() if count > 1} == {}


def test_few_modules_stand_in_no_folder():
    assert {path.stem for path in SOURCE.glob("*.py")} - {"__init__"} <= LOOSE_MODULES


DEFAULTS = {
    ("Block", "out_spec"),
    ("Block", "remarks"),
    ("Head", "main_only"),
    ("DataSource", "num_classes"),
    ("Tracker", "finish_study"),
}
"""Methods that a contract gives with a default, documented as one; everything else is abstract or final."""


CALLS = {"__call__", "__iter__", "__len__", "__getitem__", "__enter__", "__exit__"}
"""Methods of Python's own names that are behaviour; constructors and what a dataclass makes are not."""


def classes_of_the_package() -> list[type]:
    found = []
    for path in FILES:
        name = ".".join(("yololab", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")
        members = vars(importlib.import_module(name)).values()
        found += [member for member in members if inspect.isclass(member) and member.__module__ == name]
    return found


def function_of(member):
    """The function behind a method, class method, static method or property; None for anything else."""
    if isinstance(member, property):
        return member.fget
    function = getattr(member, "__func__", member)
    return function if inspect.isfunction(function) else None


def overridden(found: type) -> list[tuple[str, str]]:
    """(class, method) of every concrete method of our own classes that `found` overrides."""
    pairs = []
    for name, member in vars(found).items():
        if (name.startswith("__") and name not in CALLS) or function_of(member) is None:
            continue
        bases = (base for base in found.__mro__[1:] if base.__module__.startswith("yololab") and name in vars(base))
        base = next(bases, None)
        function = None if base is None else function_of(vars(base)[name])
        if base is not None and function is not None and "NotImplementedError" not in inspect.getsource(function):
            pairs.append((base.__name__, name))
    return pairs


def test_classes_are_abstract_or_final():
    found = {(one.__qualname__, *pair) for one in classes_of_the_package() for pair in overridden(one)}
    assert {(own, base, name) for own, base, name in found if (base, name) not in DEFAULTS} == set()


def test_an_overridden_method_is_seen():
    class Concrete(yololab.errors.YololabError):
        def told(self):
            return "a"

    class Tweaked(Concrete):
        def told(self):
            return "b"

    Concrete.__module__ = Tweaked.__module__ = "yololab.made_up"
    assert overridden(Tweaked) == [("Concrete", "told")]


def test_no_source_file_is_long():
    long = {path.name: lines for path in FILES if (lines := len(path.read_text().splitlines())) > MAX_LINES}
    assert long == {}


def test_no_function_is_long():
    long = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    long[f"{path.name}: {node.name}"] = lines
    assert long == {}
