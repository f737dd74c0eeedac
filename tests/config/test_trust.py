"""Names of code in a configuration stay names until somebody allows them."""

from __future__ import annotations

import sys

import pytest
from torch.nn import Identity, Module

from yololab.attention import Attention
from yololab.cli.plan_command import plan_of
from yololab.config.compose import compose
from yololab.config.target import find_class
from yololab.config.trust import foreign, not_allowed, trust_of, trusting, with_trust
from yololab.data.source import DataSource
from yololab.errors import ConfigError, UntrustedError

FUNCTIONS = (
    "pydoc.pipepager",
    "torch.hub.load",
    "pathlib.Path.write_text",
    "shutil.copy",
    "numpy.save",
    "torch.save",
    "os.system",
    "subprocess.Popen",
    "builtins.eval",
)


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module in the current folder that leaves a mark where it is imported."""
    (tmp_path / "stranger.py").write_text(
        "from pathlib import Path\nfrom yololab.attention import ECA\n"
        "Path('imported').touch()\nclass Mine(ECA):\n    pass\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "stranger", raising=False)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    yield tmp_path
    sys.modules.pop("stranger", None)


@pytest.mark.parametrize("path", FUNCTIONS)
def test_nothing_outside_of_yololab_is_found_unless_allowed(path):
    with pytest.raises(UntrustedError, match="runtime.trust"):
        find_class(path, object)


@pytest.mark.parametrize("path", ["pydoc.pipepager", "shutil.copy", "yololab.files.write_text", "yololab.files.Path"])
def test_what_is_allowed_must_still_be_a_class_of_the_kind(path):
    with trusting(["pydoc", "shutil"]), pytest.raises(ConfigError, match="expected a class derived from"):
        find_class(path, DataSource)


def test_a_module_of_the_current_folder_is_imported_only_where_it_is_allowed(module):
    with pytest.raises(UntrustedError, match="stranger.Mine"):
        find_class("stranger.Mine", Attention)
    assert not (module / "imported").exists()
    with trusting(["stranger"]):
        assert find_class("stranger.Mine", Attention).__name__ == "Mine"
    assert (module / "imported").exists()


def test_trust_ends_with_its_block_and_holds_for_whole_names_only():
    with trusting(["strang"]), pytest.raises(UntrustedError):
        find_class("stranger.Mine", Attention)
    with pytest.raises(UntrustedError):
        find_class("yololab_evil.Mine", Attention)


@pytest.mark.parametrize(
    "override",
    [
        "attention._target_=stranger.Mine",
        "attention={_target_: stranger.Mine}",
        "++neck.nodes.spp.block=stranger.Mine",
        "+insert_pos.own={_target_: stranger.Mine}",
    ],
)
def test_a_command_line_allows_the_modules_that_it_names(override):
    assert trust_of(compose([override])) == ("stranger",)


def test_a_yaml_of_somebody_allows_nothing_by_itself(module):
    group = module / "conf" / "attention"
    group.mkdir(parents=True)
    (group / "mine.yaml").write_text("_target_: stranger.Mine\n")
    config = compose(["attention=mine"], config_dir=str(module / "conf"))
    assert trust_of(config) == ()
    assert not_allowed(config) == {"attention._target_": "stranger.Mine"}
    allowed = compose(["attention=mine", "runtime.trust=[stranger]"], config_dir=str(module / "conf"))
    assert not_allowed(allowed) == {}


@pytest.mark.parametrize("wrapper", ["insert_pos.identity_start=true", "insert_pos.placebo=true"])
def test_wrappers_resolve_no_names_past_the_guard(wrapper):
    from yololab.assemble import build_detector

    config = with_trust(compose(["scale=p", "attention._target_=pydoc.pipepager", wrapper]), ())
    with pytest.raises(ConfigError, match=r"pydoc\.pipepager is not yololab's"):
        build_detector(config, 3, device="meta")


def test_code_is_found_at_any_depth():
    content = {"a": [{"block": "x.Y"}, {"block": "Conv"}], "b": {"attention": {"_target_": "z.W"}}, "block": {}}
    assert foreign(content) == {"a[0].block": "x.Y", "b.attention._target_": "z.W"}


@pytest.mark.parametrize("value", ["my_package", "[1]", "{a: 1}", "[a/b]"])
def test_trust_is_a_list_of_package_names(value):
    with pytest.raises(ConfigError, match=r"runtime\.trust"):
        compose([f"runtime.trust={value}"])
    with pytest.raises(ConfigError, match=r"runtime\.trust"):
        plan_of([f"runtime.trust={value}", "experiment=smoke"])


def test_layers_of_torch_need_nobodys_leave():
    assert find_class("torch.nn.Identity", Module) is Identity
