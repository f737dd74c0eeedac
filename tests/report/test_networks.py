from __future__ import annotations

import re
from dataclasses import replace

import pytest

from study.case import record
from yololab.config.compose import compose
from yololab.report.contents import read_contents
from yololab.report.networks import networks
from yololab.run.folder import RunFolder, RunSpec


@pytest.fixture
def study(tmp_path):
    for attention in ("none", "eca"):
        for width in (0.0625, 0.125):
            choices = {"attention": attention, "width": str(width)}
            one = replace(record(0, 0.5, **choices), classes=["disc", "bar"])
            one.complexity["fingerprint"] = f"{attention} {width}"
            config = compose([f"attention={attention}", f"scale.width={width}", "model=yolov8", "image_size=64"])
            folder = RunFolder(tmp_path / one.run_id)
            folder.freeze(RunSpec(config, choices, []))
            one.write(folder.path)
    return tmp_path


def test_networks_of_one_structure_share_a_picture_and_the_first_marked_one_is_open(study):
    drawn = networks(read_contents(study))
    titles = re.findall(r"<details( open)?><summary><b>([^<]*)", drawn)
    assert sorted(is_open for is_open, _ in titles) == ["", " open"]
    [(_, marked)] = [title for title in titles if title[0]]
    assert marked.count("eca") == 2
    assert drawn.count('class="inserted"') == 1
    ids = re.findall(r'id="(tip\d+)"', drawn)
    assert len(set(ids)) == 2  # a hidden picture lends its arrows to no other


def test_a_study_whose_networks_cannot_be_built_has_no_such_section(tmp_path):
    one = record(0, 0.5, science={"model": {"name": "gone"}})
    (tmp_path / one.run_id).mkdir()
    one.write(tmp_path / one.run_id)
    assert networks(read_contents(tmp_path)) == ""
