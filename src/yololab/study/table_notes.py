"""What stands below a table: how its numbers came about."""

from __future__ import annotations

from collections.abc import Sequence

from yololab.run.record import RunRecord
from yololab.study.columns import heading_of
from yololab.study.judgement import LOOKED, Judgement
from yololab.study.kinds import WIDENED
from yololab.study.rows import Grouping, Row

MOST_SHARES = 12
SPLITS = {"val": "validation", "test": "test"}


def notes_of(
    grouping: Grouping,
    rows: Sequence[Row],
    judgement: Judgement,
    metric: str,
    records: Sequence[RunRecord],
    costs: Sequence[str],
    registered: bool,
) -> list[str]:
    """Notes on metrics, differences, costs, choices and code."""
    size = rows[0].first.complexity["image_size"] if rows else 0
    finals = sorted({record.final for record in records})
    where = " and ".join(f"{SPLITS[final]} split" for final in finals)
    notes = [f"Metrics in percent, mean ± standard deviation over seeds, last epoch, {where}."]
    if judgement.differences:
        notes += _on_differences(rows, judgement, metric, registered)
    if set(costs) & {"params_train", "gflops_train"}:
        notes.append(
            f"Parameters and GFLOPs (2 per multiply-add, torch's counter) of the training form at {size} pixels."
        )
    if any(name.startswith("latency") for name in costs):
        notes.append(f"Latency: deploy form, one image of {size} pixels, without suppression (latency.json).")
    if any(str(row.choices.get("attention", "")).startswith(WIDENED) for row in rows):
        notes.append("A widened baseline has other widths, so it cannot start from the same weights as the other rows.")
    notes += list(dict.fromkeys(f"{remark}." for row in rows for remark in row.first.remarks))
    for group, keys in grouping.folded.items():
        shown = ", ".join(keys[:4]) + (f" and {len(keys) - 4} more" if len(keys) > 4 else "")
        notes.append(f"{group} also sets {shown}.")
    commits = sorted({str(record.git.get("commit") or "")[:7] for record in records} - {""})
    if commits:
        notes.append(f"Commit {', '.join(commits)}.")
    return notes


def _on_differences(rows: Sequence[Row], judgement: Judgement, metric: str, registered: bool) -> list[str]:
    seeds = sorted({seed for row in rows for seed in row.records})
    first = rows[0].first
    images = first.images.get(first.final)
    against = "the baseline" + (" and their controls" if judgement.controls else "")
    looks = judgement.method.startswith(LOOKED)
    family = "of confirmatory rows and of all others, each by itself, " if registered else ""
    how = "" if looks else " (Dunnett)"
    p_from = "" if looks else "; p from the same distribution"
    notes = [
        f"Δ {heading_of(metric)}: least squares with seeds as blocks, simultaneous 95% intervals {family}against "
        f"{against}{how} over {judgement.covers}{p_from}. {len(seeds)} seeds"
        + (f", {images} {SPLITS[first.final]} images." if images else ".")
    ]
    if judgement.method:
        notes.append(f"Judged {judgement.method}.")
    if judgement.smallest_p > 0.05 and not looks:
        notes.append(
            f"An exact sign-flip test cannot give less than p = {judgement.smallest_p:g} with these seeds: what stands "
            "here rests on normal errors."
        )
    notes += _shares(rows, judgement)
    if len(judgement.best) > 1:
        notes.append("Bold: the best mean and those that are not told from it.")
    return notes


def _shares(rows: Sequence[Row], judgement: Judgement) -> list[str]:
    """How much of each difference's uncertainty is the seeds' and how much the images'."""
    found = []
    for place, difference in judgement.differences.items():
        seeds, images = difference.seed_variance, difference.image_variance
        if seeds + images > 0:  # not nan
            found.append(f"{rows[place].label} {seeds / (seeds + images):.0%}")
    if not 0 < len(found) <= MOST_SHARES:
        return []
    return [f"Of the variance of Δ, training (seeds) has {', '.join(found)}; the rest is the choice of images."]
