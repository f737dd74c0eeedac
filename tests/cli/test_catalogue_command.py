"""`yololab catalogue`, and the page that is made of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from yololab.cli.catalogue_command import PARTS, part_of
from yololab.cli.main import main
from yololab.config.catalogue import choices_of

PAGE = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text()


@pytest.mark.parametrize("group", PARTS)
def test_the_page_has_every_choice_with_its_line(group):
    section = PAGE.partition(f"## `{group}=`")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", section, re.MULTILINE)
    assert rows == [(choice.name, choice.says.replace("|", "or")) for choice in choices_of(group)]


@pytest.mark.parametrize(("group", "name"), [("attention", "cbam"), ("downsample", "hwd"), ("model", "yolov10")])
def test_the_pages_numbers_are_what_is_counted(group, name):
    part = part_of(group, name)
    assert f"{part.parameters:,} | {part.gflops:.3f} |" in PAGE


def test_a_group_is_printed_and_a_wrong_one_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["catalogue", "upsample", "--json"])
    assert ended.value.code == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["name"] for row in rows} == {choice.name for choice in choices_of("upsample")}
    with pytest.raises(SystemExit) as ended:
        main(["catalogue", "atention"])
    assert ended.value.code == 2
    assert "did you mean 'attention'" in " ".join(capsys.readouterr().err.split())
