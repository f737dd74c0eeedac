"""A run's folder: runs/<study>/<run id>/, named after what the run is, so two sweeps never overwrite each other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from yololab.config.identity import completed
from yololab.config.trust import modules_of, not_allowed, trust_of, with_trust
from yololab.errors import UntrustedError, YololabError
from yololab.files import remove_temporaries, write_text
from yololab.run.claim import CLAIMS, latest_claim
from yololab.run.record import RESULTS_FILE, RunRecord, read_record
from yololab.run.seal import SEAL_FILE, is_sealed, seal
from yololab.run.status import State, Status, read_status

CONFIG_FILE = "config.yaml"
SPEC_FILE = "spec.json"
OTHER_CHOICES_FILE = "other_choices.json"
PRUNED_FILE = "results.pruned.json"
"""The record of a run that was pruned once and is run to its end now"""
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class RunSpec:
    """What is known of a run before it has run; its folder keeps it in config.yaml and spec.json."""

    config: Mapping[str, Any]
    """The resolved configuration"""
    choices: Mapping[str, str]
    """Chosen option of every Hydra group"""
    overrides: Sequence[str]
    """As typed, of this run alone"""


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
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        details = {"choices": dict(spec.choices), "overrides": list(spec.overrides)}
        _write_if_changed(self.path / SPEC_FILE, json.dumps(details, indent=1, sort_keys=True))
        text = yaml.dump(dict(spec.config), Dumper=_DUMPER, sort_keys=False)
        _write_if_changed(self.path / CONFIG_FILE, text)
        if trust_of(spec.config):
            seal(self.path, text)
        else:
            (self.path / SEAL_FILE).unlink(missing_ok=True)
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
            return list(json.loads((self.path / OTHER_CHOICES_FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return []

    def spec(self) -> RunSpec:
        """What was frozen here; it allows no code of others unless this user froze it.

        YololabError where there is nothing that can be read.
        """
        try:
            text = (self.path / CONFIG_FILE).read_text(encoding="utf-8")
            config: Any = yaml.load(text, Loader=_LOADER)  # nosec B506: a safe loader, in C where it can be had
            if not isinstance(config, dict):
                raise ValueError("not a mapping")
            if trust_of(config) and not is_sealed(self.path, text):
                config = with_trust(config, ())
            details = json.loads((self.path / SPEC_FILE).read_text(encoding="utf-8"))
            return RunSpec(completed(config), details["choices"], details["overrides"])
        except FileNotFoundError as error:
            raise YololabError(f"{self.path}: not a run folder ({Path(error.filename).name} is missing)") from error
        except Exception as error:
            reason = str(error).splitlines()[0]
            raise YololabError(f"{self.path}: its configuration cannot be read ({reason}); plan it again") from error

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
        return list(self._details().get("overrides", ()))

    def choices(self) -> dict[str, str]:
        """Chosen option of every group; nothing where spec.json is missing or damaged."""
        return dict(self._details().get("choices", {}))

    def _details(self) -> dict[str, Any]:
        try:
            return dict(json.loads((self.path / SPEC_FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return {}

    def is_done_for(self, config: Mapping[str, Any]) -> bool:
        """Whether a record answers this configuration; one that was pruned does only where pruning is asked for."""
        record = self.record()
        return record is not None and (not record.pruned or config["study"]["prune"] is not None)

    def reopen(self) -> None:
        """Set a pruned record aside, so that the run goes on from its checkpoint to its last epoch."""
        (self.path / RESULTS_FILE).replace(self.path / PRUNED_FILE)

    def clear(self) -> None:
        """Forget everything that was run here; claims stay, so that nobody else begins meanwhile."""
        for entry in self.path.iterdir() if self.path.is_dir() else ():
            if entry.name == CLAIMS:
                continue
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def tidy(self) -> None:
        """Remove what a kill left half written."""
        for folder in (self.path, self.checkpoints, self.path / CLAIMS):
            remove_temporaries(folder)

    def record(self) -> RunRecord | None:
        """The record, if the run is done."""
        return read_record(self.path)

    def status(self) -> Status | None:
        """What status.json says, where it can be read."""
        return read_status(self.path)

    def state(self, running: bool) -> State:
        """The state, whatever a kill left in status.json; `running`: somebody holds the claim now."""
        if not self.path.is_dir():
            return State.NEW
        record = read_record(self.path)
        if record is not None:
            return State.PRUNED if record.pruned else State.DONE
        if running:
            return State.RUNNING
        status, latest = self.status(), latest_claim(self.path)
        if status is None or status.state in (State.DONE, State.RUNNING) or status.attempt < latest:
            return State.INTERRUPTED if latest else State.PLANNED
        return status.state


def allowed(config: Mapping[str, Any], where: Path, trust: bool = False) -> dict[str, Any]:
    """A configuration that allows all the code that it names, because it does or since its user says `trust`.

    UntrustedError that shows what would be imported otherwise.
    """
    missing = not_allowed(config)
    if not missing:
        return dict(config)
    if trust:
        return with_trust(config, [*trust_of(config), *modules_of(missing.values())])
    names = ", ".join(f"{key}={path}" for key, path in missing.items())
    raise UntrustedError(
        f"{where}: it names code that is not yololab's ({names}), and was not planned here by you; running it would "
        f"import {', '.join(modules_of(missing.values()))}. Read that code; then the same command with --trust runs it"
    )


def _write_if_changed(path: Path, text: str) -> None:
    """Planning a large study again must not sync a thousand files that are the same."""
    try:
        if path.read_text(encoding="utf-8") == text:
            return
    except (OSError, UnicodeDecodeError):
        pass
    write_text(path, text)


def run_folders(study: Path) -> list[RunFolder]:
    """Run folders of a study, by id. YololabError where the study does not exist."""
    if not study.is_dir():
        raise YololabError(f"{study}: no such study folder; expected runs/<study> with run folders inside")
    return [RunFolder(path) for path in sorted(study.iterdir()) if (path / CONFIG_FILE).is_file()]
