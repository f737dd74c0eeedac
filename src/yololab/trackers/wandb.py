"""Weights & Biases through Lightning's WandbLogger: one W&B run per run, its id the run's, its group the study."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from lightning.pytorch.loggers import WandbLogger

from yololab.metrics.names import in_percent
from yololab.trackers.base import TrackedRun, Tracker, figures_of
from yololab.trackers.picture import Boxes, Picture
from yololab.trackers.study import TrackedStudy
from yololab.trackers.wandb_run import begin
from yololab.trackers.wandb_study import write_study


class PercentLogger(WandbLogger):
    """Shows COCO's numbers in percent, as tables do."""

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log, with metrics of a split as percent; those that have nothing to measure (NaN) are left out."""
        super().log_metrics(in_percent(metrics), step)


class WandbTracker(Tracker):
    """Offline unless `mode` is "online"; offline needs no account and no network.

    A resumed run goes on under the same id: online in the same W&B run; offline in a further folder of that id, which
    `yololab sync` appends. A study is a W&B run of its own, of the job type "study".
    """

    def __init__(
        self,
        run: TrackedRun,
        *,
        mode: str,
        project: str | None,
        entity: str | None,
        group: str | None = None,
        job_type: str | None = None,
        tags: Sequence[str] = (),
    ) -> None:
        # An agent of a W&B sweep has given the run its id; the run keeps its name.
        given = os.environ.get("WANDB_RUN_ID") if "WANDB_SWEEP_ID" in os.environ else None
        self.external_id = given or run.run_id
        self._wandb_run = begin(
            run.folder,
            mode=mode,
            name=run.title or run.run_id,
            id=self.external_id,
            group=group or run.study,
            job_type=job_type,
            tags=[str(tag) for tag in tags],
            project=project,
            entity=entity,
            resume="allow" if mode == "online" else None,
            config=dict(run.config),
        )
        for split in ("train", "val"):
            self._wandb_run.define_metric(f"{split}/*", step_metric="epoch")
        self._run = run
        self.logger = PercentLogger(
            experiment=self._wandb_run, save_dir=str(run.folder), offline=mode == "offline", log_model=False
        )

    def finish(self, summary: Mapping[str, Any], pictures: Sequence[Picture]) -> None:
        """Write summary, graph, figures and predictions and close the run, so that the next run gets its own."""
        import wandb

        shown: dict[str, Any] = {path.stem: wandb.Image(str(path)) for path in figures_of(self._run.folder)}
        graph = self._run.graph()
        if graph.lines:
            lines: Any = [list(line) for line in graph.lines]
            shown["graph"] = wandb.Table(columns=list(graph.headings), data=lines)
        if pictures:
            shown["predictions"] = [_overlaid(picture) for picture in pictures]
        if shown:
            self._wandb_run.log(shown)
        self._wandb_run.summary.update(dict(summary))
        self._wandb_run.finish()

    def abandon(self) -> None:
        """Close the run after a failure."""
        self._wandb_run.finish(exit_code=1)

    @classmethod
    def finish_study(
        cls,
        study: TrackedStudy,
        *,
        group: str | None = None,
        job_type: str | None = None,  # of its runs; its own is "study"
        tags: Sequence[str] = (),
        **place: Any,
    ) -> None:
        """The study's table, figures, power and files as a W&B run; nothing where this very table is there already."""
        write_study(study, group=group or study.name, tags=[str(tag) for tag in tags], **place)


def _overlaid(picture: Picture) -> Any:
    """The image with labels and predictions as boxes that W&B's page shows and hides by class and score."""
    import wandb

    names = dict(enumerate(picture.classes))
    sets = {"labels": picture.truth, "predictions": picture.found}
    return wandb.Image(
        picture.image[:, :, ::-1],
        caption=picture.name,
        file_type="jpg",
        boxes={
            name: {"box_data": [_box(boxes, index, names) for index in range(len(boxes))], "class_labels": names}
            for name, boxes in sets.items()
        },
    )


def _box(boxes: Boxes, index: int, names: Mapping[int, str]) -> dict[str, Any]:
    x1, y1, x2, y2 = (float(v) for v in boxes.boxes_xyxy[index])
    label = int(boxes.labels[index])
    box: dict[str, Any] = {
        "position": {"minX": x1, "minY": y1, "maxX": x2, "maxY": y2},
        "domain": "pixel",
        "class_id": label,
        "box_caption": names[label],
    }
    if boxes.scores is not None:
        score = float(boxes.scores[index])
        box |= {"scores": {"confidence": score}, "box_caption": f"{names[label]} {score:.2f}"}
    return box
