"""RO-Crate 1.1 of a kit (Research Object Crate): what every file of it is, and which runs it came from."""

from __future__ import annotations

import shutil
from pathlib import Path

from yololab.paper.facts import Facts
from yololab.run.record import RESULTS_FILE
from yololab.study.table import StudyTable

TYPES = {
    ".pdf": "application/pdf",
    ".svg": "image/svg+xml",
    ".tex": "text/x-tex",
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".json": "application/json",
    ".cff": "application/yaml",
}
TERMS = "https://www.apache.org/licenses/LICENSE-2.0"


def copy_records(table: StudyTable, study: Path, folder: Path) -> list[Path]:
    """records/<run>.json, a file for every run of the table."""
    target = folder / "records"
    target.mkdir(exist_ok=True)
    found = []
    for run_id in sorted({run for one in table.results for run in one.row.run_ids}):
        source = study / run_id / RESULTS_FILE
        if source.is_file():
            found.append(target / f"{run_id}.json")
            shutil.copyfile(source, found[-1])
    return found


def write_crate(folder: Path, files: list[Path], facts: Facts) -> Path:
    """ro-crate-metadata.json over `files`, which lie in `folder`."""
    from rocrate.model import SoftwareApplication
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version="1.1")
    crate.name = f"Ablation study {facts.name}"
    crate.description = f"{facts.runs} runs of {facts.rows} object detectors: table, figures and records, by yololab."
    crate.license = TERMS
    version = facts.libraries.get("yololab", "unknown")
    told = {"name": "yololab", "softwareVersion": version, "license": TERMS}
    software = SoftwareApplication(crate, "#yololab", told)
    crate.add(software)
    crate.root_dataset["mentions"] = software
    for path in files:
        name = path.relative_to(folder).as_posix()
        kind = {"name": name, "encodingFormat": TYPES.get(path.suffix, "application/octet-stream")}
        crate.add_file(str(path), dest_path=name, properties={**kind, "contentSize": str(path.stat().st_size)})
    crate.metadata.write(folder)
    return folder / "ro-crate-metadata.json"
