"""CITATION.cff of the software that made a study (Citation File Format 1.2.0)."""

from __future__ import annotations

import yaml

from yololab.paper.facts import Facts


def citation(facts: Facts) -> str:
    """The file's text; the version is that of the runs."""
    content = {
        "cff-version": "1.2.0",
        "message": "If you use this software, please cite it.",
        "type": "software",
        "title": "yololab",
        "abstract": "Experiment platform for YOLO-style object detectors.",
        "authors": [{"name": "The yololab authors"}],
        "license": "Apache-2.0",
        "version": facts.libraries.get("yololab", "unknown"),
        "keywords": ["object detection", "YOLO", "ablation"],
    }
    commits = [commit for commit in facts.commits if commit]
    if len(commits) == 1:
        content["commit"] = commits[0]
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
