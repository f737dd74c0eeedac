"""The methods paragraph of a study: how many runs, which test and correction, on what, for how long."""

from __future__ import annotations

from yololab.paper.facts import Facts
from yololab.study.table import StudyTable
from yololab.study.table_notes import SPLITS

NO_ENERGY = "Energy was not measured."
PARTS = {"cpu": "processors", "gpu": "GPUs"}
JOULES = 3.6e6
"""Of a kilowatt hour"""
DUNNETT = (
    "The test is Dunnett's (1955) for several comparisons with one baseline, by the multivariate t distribution where "
    "seeds are unequal."
)
BOOTSTRAP = "Images are resampled by a paired bootstrap nested within seeds."


def methods(table: StudyTable, facts: Facts) -> list[str]:
    """Paragraphs of plain text, for people to shorten; every number is a record's."""
    return [_what(facts, table), _statistics(table), _cost(facts)]


def _what(facts: Facts, table: StudyTable) -> str:
    images = ", ".join(f"{count:,} {_split(name)}" for name, count in facts.images.items())
    recipe = [
        f"{_several(facts.epochs)} epochs" if facts.epochs else "",
        f"at {_several(facts.image_sizes)} pixels" if facts.image_sizes else "",
        f"in batches of {_several(facts.batches)}" if facts.batches else "",
        f"by {_several(facts.optimizers)}" if facts.optimizers else "",
    ]
    trained = " ".join(part for part in recipe if part)
    low, high = facts.parameters
    size = f"{low:,} parameters" if low == high else f"{low:,} to {high:,} parameters"
    return (
        f"We trained {_count(facts.rows, 'configuration', 'configurations')} with {size} and {_seeds(facts)} each, "
        f"{_count(facts.runs, 'run', 'runs')} in all, {trained}. "
        f"The data have {_count(facts.classes, 'class', 'classes')} and {images} images. Within a seed, all "
        "configurations share the order of the data and, where their tensors have the same name and shape, their first "
        f"weights. Scores are of the averaged weights after the last epoch on the {facts.final} split, in percent."
    )


def _statistics(table: StudyTable) -> str:
    notes = " ".join(note for note in table.notes if note.startswith(("Δ", "Judged", "An exact", "Planned", "Of the")))
    notes += f" {DUNNETT}" if "(Dunnett)" in notes else ""
    notes += f" {BOOTSTRAP}" if "seeds and images" in notes else ""
    smallest = table.question.smallest_effect
    matters = f" Differences below {smallest:g} points were declared too small to matter." if smallest else ""
    if not any(one.difference is not None for one in table.results):
        return "Configurations were not compared statistically."
    return f"{notes}{matters}".strip()


def _cost(facts: Facts) -> str:
    versions = facts.libraries
    software = ", ".join(f"{name} {versions[name]}" for name in ("yololab", "torch", "lightning") if name in versions)
    commits = (
        f" (commit {', '.join(facts.commits)}{', with uncommitted changes' if facts.dirty else ''})"
        if facts.commits
        else ""
    )
    memory = f", at most {facts.memory / 1e9:.1f} GB of memory a run" if facts.memory else ""
    return (
        f"All runs together took {_hours(facts.hours)} on {_several(facts.machines) or 'an unknown machine'}{memory}, "
        f"with {software or 'unknown software'}{commits}. {energy(facts)}"
    )


def energy(facts: Facts) -> str:
    """What was measured, of which runs."""
    if not facts.measured:
        return NO_ENERGY
    runs = "all runs" if facts.measured == facts.runs else f"{facts.measured} of {facts.runs} runs"
    what = " and ".join(PARTS[part] for part in facts.measured_parts)
    return (
        f"Counters of {what} measured {facts.joules / JOULES:.3g} kWh, summed over {runs}: whatever else they did "
        "meanwhile is included, and what runs side by side used together counts for each of them."
    )


def _seeds(facts: Facts) -> str:
    count = len(facts.seeds)
    seeds = f"{count} seed{'s' * (count != 1)}"
    return seeds if facts.fewest_seeds == count else f"{facts.fewest_seeds} to {seeds}"


def _split(name: str) -> str:
    return "training" if name == "train" else SPLITS.get(name, name)


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def _several(values: tuple) -> str:
    return " and ".join(map(str, values))


def _hours(hours: float) -> str:
    return f"{hours:.1f} hours" if hours >= 1 else f"{60 * hours:.0f} minutes"
