"""`python train.py` and `yololab train`: Hydra's application, with errors that a person can act on."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig
from rich.console import Console

from yololab.cli.leave import be_ready_to_leave, leaving
from yololab.config.compose import resolve
from yololab.config.explain import explain
from yololab.config.own_part import with_own_parts
from yololab.config.place import conf_dir
from yololab.errors import ConfigError, ExitCode, RunFailed, YololabError, explain_os_error
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.openmp import wait_as_cores_allow
from yololab.sweep.outcome import SweepFailed, SweepInterrupted
from yololab.terminal import passing, say, say_error


@hydra.main(config_path=str(conf_dir()), config_name="train", version_base="1.3")
def _application(cfg: DictConfig) -> float:
    """One run, as Hydra's launchers call it; in a sweep by another launcher than ours, a failure stops no other."""
    from yololab.training.stop import Interrupted

    try:
        if cfg.runtime.folder is not None:
            from yololab.run.process import as_process
            from yololab.run.start import run_planned

            with as_process(cfg.runtime.folder):
                return run_planned(RunFolder(Path(cfg.runtime.folder))).metrics["mAP"]
        spec = _spec_of(cfg)
        passing("importing torch and Lightning")
        from yololab.run.start import run

        return run(spec).metrics["mAP"]
    except Interrupted as reason:
        hydra_config = HydraConfig.get()
        if hydra_config.mode is RunMode.MULTIRUN and hydra_config.runtime.choices["hydra/launcher"] != "basic":
            raise RuntimeError(f"interrupted by {reason}") from None  # a job of a cluster; its sweep goes on
        raise
    except Exception as error:
        if HydraConfig.get().mode is not RunMode.MULTIRUN:
            _report(error)
        if not isinstance(error, YololabError):
            Console(stderr=True).print_exception()
        say_error(f"{' '.join(HydraConfig.get().overrides.task)}: {error}")
        return float("nan")


def _spec_of(cfg: DictConfig) -> RunSpec:
    """What is run, checked as far as needs no torch. ConfigError where it does not fit."""
    hydra_config = HydraConfig.get()
    config = resolve(cfg, hydra_config.overrides.task)
    if config["plan"]:
        raise ConfigError("plan=true plans a sweep: add -m, or give the same overrides to yololab plan")
    root = config["data"].get("root")
    if isinstance(root, str) and not Path(root).exists():
        raise ConfigError(f"data.root={root}: no such folder or file; set data.root=/path/to/the/data")
    choices = {str(k): str(v) for k, v in hydra_config.runtime.choices.items() if v is not None}
    return RunSpec(config, with_own_parts(choices, config), list(hydra_config.overrides.task))


def main() -> None:
    """Run; exit with 2 and a short message where the user's choices or data do not fit, with 1 where a run failed,
    with 130 where it was interrupted.
    """
    wait_as_cores_allow()
    be_ready_to_leave()
    from yololab.training.stop import Interrupted

    # Hydra would print its own report and exit; with this it raises, and the error is explained here.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    os.environ.setdefault("PYTHONSAFEPATH", "1")  # no Python that is started from here imports from the current folder
    try:
        _warm_up(sys.argv[1:])
        if not sys.argv[1:]:
            _show_the_default()
            return
        _application()
        leaving(ExitCode.DONE)
    except (KeyboardInterrupt, Interrupted, SweepInterrupted) as error:
        if isinstance(error, Interrupted) and _is_further_rank():
            sys.exit(leaving(ExitCode.DONE))  # else Lightning would kill the first rank, which is still writing
        reason = f" ({error})" if str(error) else ""
        say(f"interrupted{reason}; the same command continues where it stopped", Console(stderr=True))
        sys.exit(leaving(ExitCode.INTERRUPTED))
    except SweepFailed as error:
        say_error(str(error))
        sys.exit(leaving(ExitCode.FAILED))
    except Exception as error:
        _report(error)


def _warm_up(arguments: list[str]) -> None:
    """Start the server of a sweep's processes at once, as far as can be told from words alone: it takes longest."""
    elsewhere = ("hydra/launcher=", "hydra/sweeper=", "plan=true", "--help", "--cfg", "--info", "-c", "-h")
    if {"-m", "--multirun"} & set(arguments) and not any(word.startswith(elsewhere) for word in arguments):
        from yololab.sweep.launch.server import start_server

        start_server()


def _show_the_default() -> None:
    """Without a word, nothing is trained: what would be, for how long, and what to type."""
    passing("importing torch")
    from yololab.cli.plan_command import plan_of
    from yololab.sweep.plan.listing import print_plan

    print_plan(plan_of([], None))
    # The command as it was typed: a wheel has no train.py.
    typed = "yololab train" if sys.argv[0] == __file__ else "python train.py"
    say(
        "Nothing was started. Say at least one word of what you want:\n"
        f"  {typed} experiment=smoke                             try everything, in seconds\n"
        f"  {typed} data=yolo data.root=/path/to/data.yaml       train on your own data (coco, voc)\n"
        f"  {typed} -m attention=none,cbam,eca seed=0,1,2 ...    compare, with a table at the end\n"
        f"  {typed} seed=0                                       the run above, as it is\n"
        "yololab data ROOT looks at a data set first; yololab help lists all commands."
    )


def _report(error: Exception) -> NoReturn:
    """Explain an error and exit; raise it where it is not the user's to mend."""
    message = str(error) if isinstance(error, YololabError) else explain(error) or explain_os_error(error)
    if message is None:
        raise error
    if isinstance(error, RunFailed) and error.ends_every_rank and _is_further_rank():
        sys.exit(leaving(ExitCode.DONE))  # as above
    say_error(message)
    sys.exit(leaving(ExitCode.FAILED if isinstance(error, RunFailed) else ExitCode.USER_ERROR))


def _is_further_rank() -> bool:
    from yololab.training.ranks import is_first_rank

    return not is_first_rank()


if __name__ == "__main__":
    main()
