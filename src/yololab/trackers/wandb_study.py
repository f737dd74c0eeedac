"""A study as a W&B run: table, figures, the power line and an artifact of its files."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from yololab.trackers.study import TrackedStudy
from yololab.trackers.wandb_run import begin

JOB_TYPE = "study"


def write_study(
    study: TrackedStudy, *, mode: str, project: str | None, entity: str | None, group: str, tags: Sequence[str]
) -> None:
    """Write it under <study>/wandb, or to W&B where `mode` is "online"; once for one and the same table."""
    name = study_run_id(study)
    if list((study.folder / "wandb").glob(f"*run-*-{name}")):
        return
    import wandb

    with _staged_in(study.folder / "wandb" / "staged"):
        run = begin(
            study.folder,
            mode=mode,
            name=f"study {study.name}",
            id=name,
            group=group,
            job_type=JOB_TYPE,
            tags=list(tags),
            project=project,
            entity=entity,
            config={"study": dict(study.question), "runs": list(study.run_ids)},
            notes="\n".join(study.notes),
        )
        table = wandb.Table(columns=list(study.headings), data=[list(line) for line in study.lines])
        shown: dict[str, Any] = {p.stem: wandb.Image(str(p)) for p in study.figures if p.suffix == ".png"}
        pages = [study.page] if study.page is not None else []
        shown |= {path.stem: wandb.Html(path.read_text(encoding="utf-8"), inject=False) for path in pages}
        run.log({"table": table, **shown})
        run.summary.update({"power": study.power, "notes": list(study.notes)})
        artifact = wandb.Artifact(f"study-{_slug(study.name)}", type=JOB_TYPE, description=study.power)
        for path in (*study.files, *study.figures, *pages):
            artifact.add_file(str(path), name=str(path.relative_to(study.folder)))
        run.log_artifact(artifact)
        run.finish()


def study_run_id(study: TrackedStudy) -> str:
    """The id of the W&B run: another one for every other table."""
    content = json.dumps([study.headings, study.lines, sorted(study.run_ids)])
    return f"study-{_slug(study.name)[:40]}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-") or "study"


@contextmanager
def _staged_in(folder: Path) -> Iterator[None]:
    """Files of artifacts wait for their upload in `folder`, not in the user's home."""
    before = os.environ.get("WANDB_DATA_DIR")
    os.environ["WANDB_DATA_DIR"] = str(folder.absolute())
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        if before is None:
            del os.environ["WANDB_DATA_DIR"]
        else:
            os.environ["WANDB_DATA_DIR"] = before
