"""The processes launcher: options, the jobs behind Hydra's overrides, and what Hydra wants back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.utils import JobReturn, JobStatus
from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from yololab.config.combinations import Combinations
from yololab.config.place import conf_dir
from yololab.config.target import arguments_of
from yololab.errors import ConfigError
from yololab.run.folder import RunFolder
from yololab.run.status import State, reason_of
from yololab.sweep.launch.job import Job
from yololab.sweep.launch.limits import Limits
from yololab.sweep.launch.overview import Overview
from yololab.sweep.launch.processes import Processes
from yololab.sweep.launch.slots import Slot, available_cores, make_slots, visible_gpus
from yololab.sweep.plan.planner import Planner

FOLDER = "runtime.folder="
Reasons = dict[Path, str]
"""Why runs failed, by absolute folder, empty where they did not; a full disk may have kept it from the folders"""


@dataclass(frozen=True)
class LocalOptions(Limits):
    """Options of hydra/launcher=processes; defaults and explanations stand in its YAML alone."""

    n_jobs: int | None
    threads: int | None
    runs_per_gpu: int

    def __post_init__(self) -> None:
        least = {"n_jobs": 1, "threads": 1, "runs_per_gpu": 1, "retries": 0, "retry_backoff": 0, "grace": 0}
        for name, bound in least.items():
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < bound):
                raise ConfigError(f"hydra.launcher.{name}={value}: expected a number of at least {bound}")
        if self.n_jobs is not None and self.runs_per_gpu > 1:
            raise ConfigError("hydra.launcher.n_jobs says how many runs there are at a time; leave out runs_per_gpu")
        for name in ("time_limit", "memory_limit"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int | float) and value > 0):
                raise ConfigError(f"hydra.launcher.{name}={value}: expected a number above 0")

    @classmethod
    def default(cls, **changes: Any) -> LocalOptions:
        """As the YAML has them, but for `changes`."""
        content: Any = OmegaConf.to_container(OmegaConf.load(conf_dir() / "hydra" / "launcher" / "processes.yaml"))
        return replace(cls(**arguments_of(content)), **changes)


def launch(
    config: DictConfig, loader: ConfigLoader, job_overrides: Sequence[Sequence[str]], options: LocalOptions
) -> tuple[list[JobReturn], Reasons]:
    """Run planned runs; their mAP, as another sweeper's objective (nan where one is not done), and why some failed."""
    folders = [_folder(config, loader, overrides) for overrides in job_overrides]
    reasons = run_local(labelled(folders), options, config.trainer.devices, bool(config.runtime.progress))
    return [_job_return(f, overrides) for f, overrides in zip(folders, job_overrides, strict=True)], reasons


def run_local(
    runs: Sequence[tuple[str, RunFolder]], options: LocalOptions, devices: Any = 1, progress: bool = True
) -> Reasons:
    """Run runs, (label, folder), in processes of this machine. SweepInterrupted where it was asked to stop."""
    slots, jobs = slots_for(options, devices), [Job(label, folder) for label, folder in runs]
    Processes(slots, options, Overview(Console(), progress)).run(jobs)
    return {job.folder.path.absolute(): reason_of(job.error) for job in jobs}


def slots_for(options: LocalOptions, devices: Any) -> list[Slot]:
    """This machine's places for runs on `devices`, as trainer.devices has them."""
    shares = (visible_gpus(), devices_of(devices), available_cores(), options.runs_per_gpu)
    return make_slots(options.n_jobs, options.threads, *shares)


def labelled(folders: Sequence[RunFolder]) -> list[tuple[str, RunFolder]]:
    """Folders with the overrides that not all of them share."""
    given = [folder.overrides() for folder in folders]
    shared = set(given[0]).intersection(*given[1:]) if len(given) > 1 else set()
    labels = [" ".join(text for text in own if text not in shared) for own in given]
    return list(zip(labels, folders, strict=True))


def _folder(config: DictConfig, loader: ConfigLoader, overrides: Sequence[str]) -> RunFolder:
    for text in overrides:
        if text.startswith(FOLDER):
            return RunFolder(Path(text.removeprefix(FOLDER).strip("'\"")))
    unread = [
        key for key, default in (("exclude", []), ("zip", []), ("design", "full")) if config.study[key] != default
    ]
    if config.plan or unread:
        asked = "plan=true" if config.plan else f"study.{unread[0]}"
        raise ConfigError(f"{asked} is read by hydra/sweeper=ablation only")
    Path(str(config.hydra.sweep.dir)).mkdir(parents=True, exist_ok=True)  # where other sweepers write their results
    hydra_overrides = list(config.hydra.overrides.hydra)
    combinations = Combinations(loader, config.hydra.job.config_name, hydra_overrides)
    run = Planner(combinations).plan_one(list(overrides))
    if not (run.state.is_finished or run.state is State.RUNNING):
        run.folder.freeze(run.spec())
    return run.folder


def devices_of(devices: Any) -> int:
    """How many devices trainer.devices means; 1 where it is "auto" or a list of names."""
    return int(devices) if str(devices).isdigit() else 1


def _job_return(folder: RunFolder, overrides: Sequence[str]) -> JobReturn:
    result = JobReturn(overrides=overrides)
    record = folder.record()
    result.status = JobStatus.COMPLETED
    result.return_value = record.metrics["mAP"] if record is not None else math.nan
    return result
