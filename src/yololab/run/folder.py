"""A run's folder: runs/<study>/<run id>/, named after what the run is, so two sweeps never overwrite each other."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yololab.errors import YololabError
from yololab.files import read_json, remove_temporaries, write_text
from yololab.run.claim import CLAIMS, Watch, latest_claim
from yololab.run.record import RESULTS_FILE, RunRecord, read_content, read_record
from yololab.run.spec import CONFIG_FILE, SPEC_FILE, RunSpec, allowed, is_choices, read_details, read_spec, write_spec
from yololab.run.status import State, Status, read_status

OTHER_CHOICES_FILE = "other_choices.json"
WRITTEN = ("checkpoints", CLAIMS, "predictions", "diverged", "wandb", "log.txt", "metrics.csv")
"""What a run writes into or appends to, rather than replacing it"""
RUN_ID = re.compile("r[0-9a-f]{10}")
PRUNED_FILE = "results.pruned.json"
"""The record of a run that was pruned once and is run to its end now"""


@dataclass(frozen=True)
class RunFolder:
    """Paths of one run, and what may be asked of it."""

    path: Path

    @classmethod
    def of(cls, config: Mapping[str, Any], run_id: str) -> RunFolder:
        """runs/<study>/<run id>, as a configuration has them."""
        return cls(Path(config["runtime"]["root"]) / config["study"]["name"] / run_id)

    @property
    def name(self) -> str:
        """The run's id."""
        return self.path.name

    @property
    def checkpoints(self) -> Path:
        """last.ckpt and best.ckpt."""
        return self.path / "checkpoints"

    @property
    def last_checkpoint(self) -> Path:
        """Where a killed run continues."""
        return self.checkpoints / "last.ckpt"

    @property
    def metrics_file(self) -> Path:
        """One row per epoch."""
        return self.path / "metrics.csv"

    @property
    def log_file(self) -> Path:
        """What the run printed, where it ran in a process of its own."""
        return self.path / "log.txt"

    @property
    def traceback_file(self) -> Path:
        """Of the last failure."""
        return self.path / "traceback.txt"

    def freeze(self, spec: RunSpec) -> None:
        """Make the folder and keep the configuration in it; a run reads nothing else."""
        self.refuse_links()
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        write_spec(self.path, spec)
        if read_status(self.path) is None:
            Status(State.PLANNED).write(self.path)

    def add_other_choices(self, choices: Mapping[str, str]) -> None:
        """Note other choices of the study that are this very run, so that tables show it at both places."""
        known = self.other_choices()
        if dict(choices) not in known:
            text = json.dumps([*known, dict(choices)], indent=1, sort_keys=True)
            write_text(self.path / OTHER_CHOICES_FILE, text)

    def other_choices(self) -> list[dict[str, str]]:
        """Other choices that are this very run; nothing where there are none that can be read."""
        try:
            found = read_json(self.path / OTHER_CHOICES_FILE)
        except (OSError, ValueError):
            return []
        return [choices for choices in found if is_choices(choices)] if isinstance(found, list) else []

    def spec(self) -> RunSpec:
        """What was frozen here; it allows no code of others unless this user froze it.

        YololabError where there is nothing that can be read.
        """
        return read_spec(self.path)

    def trust(self) -> None:
        """Take what was frozen here as this user's own, whatever code it names."""
        spec = self.spec()
        self.freeze(RunSpec(allowed(spec.config, self.path, trust=True), spec.choices, spec.overrides))

    def threads(self) -> int | None:
        """CPU threads that an earlier plan has decided on; None where none has."""
        try:
            return self.spec().config["runtime"].get("threads")
        except (YololabError, KeyError, AttributeError):
            return None

    def overrides(self) -> list[str]:
        """As typed; nothing where spec.json is missing or damaged."""
        return read_details(self.path)[0]

    def choices(self) -> dict[str, str]:
        """Chosen option of every group; nothing where spec.json is missing or damaged."""
        return read_details(self.path)[1]

    def is_done_for(self, config: Mapping[str, Any]) -> bool:
        """Whether a record answers this configuration; one that was pruned does only where pruning is asked for."""
        record = self.record()
        return record is not None and (not record.pruned or config["study"]["prune"] is not None)

    def reopen(self) -> None:
        """Set a pruned record aside, so that the run goes on from its checkpoint to its last epoch."""
        (self.path / RESULTS_FILE).replace(self.path / PRUNED_FILE)

    def refuse_links(self) -> None:
        """YololabError where the folder, or one that a run writes into, is a link: nothing is written elsewhere."""
        for path in (self.path, *(self.path / name for name in WRITTEN)):
            if path.is_symlink():
                raise YololabError(f"{path}: a link to elsewhere, where nothing is written; remove it to run this run")

    def clear(self) -> None:
        """Forget everything that was run here; claims stay, so that nobody else begins meanwhile.

        Links go, and what they point to stays. YololabError where the folder itself is one.
        """
        self.refuse_links()
        for entry in self.path.iterdir() if self.path.is_dir() else ():
            if entry.name == CLAIMS:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def tidy(self) -> None:
        """Remove what a kill left half written."""
        for folder in (self.path, self.checkpoints, self.path / CLAIMS):
            if not self.path.is_symlink() and not folder.is_symlink():
                remove_temporaries(folder)

    def record(self) -> RunRecord | None:
        """The record, if the run is done."""
        return read_record(self.path)

    def damage(self) -> str | None:
        """Why the record cannot be read; None where it can, or where there is none."""
        try:
            read_content(self.path)
        except YololabError as error:
            return str(error)
        return None

    def status(self) -> Status | None:
        """What status.json says, where it can be read."""
        return read_status(self.path)

    def state_seen_by(self, watch: Watch) -> State:
        """The state, with `watch` to tell whether somebody holds the claim."""
        return self.state(running=watch.holder(self.path) is not None)

    def state(self, running: bool) -> State:
        """The state, whatever a kill left in status.json; `running`: somebody holds the claim now."""
        if not self.path.is_dir():
            return State.NEW
        try:
            content = read_content(self.path)
        except YololabError:
            return State.UNREADABLE
        if content is not None:
            return State.PRUNED if content.get("pruned") else State.DONE
        if running:
            return State.RUNNING
        status, latest = self.status(), latest_claim(self.path)
        if status is None or status.state in (State.DONE, State.RUNNING) or status.attempt < latest:
            return State.INTERRUPTED if latest else State.PLANNED
        return status.state


def run_folders(study: Path) -> list[RunFolder]:
    """Run folders of a study, by id. YololabError where the study does not exist."""
    if not study.is_dir():
        raise YololabError(f"{study}: no such study folder; expected runs/<study> with run folders inside")
    return [RunFolder(path) for path in sorted(study.iterdir()) if is_run(path)]


def is_run(path: Path) -> bool:
    """Whether a folder is a run's, though its configuration may be damaged or gone."""
    try:
        if (path / CONFIG_FILE).is_file():
            return True
        return bool(RUN_ID.fullmatch(path.name)) and any((path / name).exists() for name in (SPEC_FILE, CLAIMS))
    except OSError:
        return False
