from __future__ import annotations

import json

from rocrate.rocrate import ROCrate

from paper.case import write_study
from yololab.paper.kit import write_kit


def test_the_crate_lists_every_file_and_is_read_by_its_own_library(tmp_path):
    folder = tmp_path / "out"
    files, _ = write_kit(write_study(tmp_path / "s"), folder)
    graph = json.loads((folder / "ro-crate-metadata.json").read_text())["@graph"]
    root = next(entity for entity in graph if entity["@id"] == "./")
    listed = {part["@id"] for part in root["hasPart"]}
    assert listed == {path.relative_to(folder).as_posix() for path in files} - {"ro-crate-metadata.json"}
    again = ROCrate(str(folder))
    assert again.name == "Ablation study s"
    assert {entity.id for entity in again.data_entities} == listed
