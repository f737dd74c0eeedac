"""`python train.py` and `yololab train`: Hydra's application, with errors that a person can act on."""

from __future__ import annotations

import os
import sys

import hydra
from omegaconf import DictConfig
from rich.console import Console

from yololab.config import conf_dir
from yololab.errors import YololabError
from yololab.hydra_errors import explain

USER_ERROR = 2


@hydra.main(config_path=str(conf_dir()), config_name="train", version_base="1.3")
def _application(cfg: DictConfig) -> float:
    from yololab.run import run

    return run(cfg).metrics["mAP"]


def main() -> None:
    """Run, or print a short message and exit with 2 where the user's choices or data do not fit."""
    # Hydra would print its own report and exit; with this it raises, and the error is explained here.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        _application()
    except KeyboardInterrupt:
        Console(stderr=True).print("interrupted; the same command continues where it stopped")
        sys.exit(130)
    except Exception as error:
        message = str(error) if isinstance(error, YololabError) else explain(error)
        if message is None:
            raise
        Console(stderr=True).print(f"[red]error:[/red] {message}", highlight=False, soft_wrap=True)
        sys.exit(USER_ERROR)


if __name__ == "__main__":
    main()
