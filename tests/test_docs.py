"""What docs promise is there: tests that a page names, links from page to page."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from command import yololab, yololab_process
from yololab.config.words import ANSWERS, RENAMED

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def test_every_test_that_the_page_on_reliability_names_exists():
    file, seen = "", 0
    for found in re.findall(r"`(tests/[\w/]+\.py)?(?:::(test_\w+))?`", (ROOT / "docs" / "reliability.md").read_text()):
        file, name = found[0] or file, found[1]
        if not any(found):
            continue
        seen += 1
        assert (ROOT / file).is_file(), file
        assert not name or re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.M), f"{file}::{name}"
    assert seen > 40


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), target


def shape_of(page: Path) -> dict[str, list[str]]:
    """What two languages of one page share: levels of headings, commands, rows of numbers, places that are linked."""
    text = page.read_text()
    lines = text.splitlines()
    tables = [line for line in lines if line.startswith("| ") and re.search(r"\d[\d,.]* \|", line)]
    links = [target for target in re.findall(r"\]\(([^)#\s]+)", text) if not target.startswith("README")]
    return {
        "headings": [line.split()[0] for line in lines if line.startswith("#")],
        "commands": [line for line in lines if line.startswith("    ")],
        "tables": tables,
        "links": links,
        "names": sorted(set(re.findall(r"`([^`\n]+)`", text))),
    }


@pytest.mark.parametrize("part", ["headings", "commands", "tables", "links", "names"])
def test_the_chinese_readme_says_what_the_english_one_says(part):
    english, chinese = shape_of(ROOT / "README.md"), shape_of(ROOT / "README.zh-CN.md")
    assert chinese[part] == english[part]


def commands_of(page: Path) -> list[list[str]]:
    """Lines of a page's `sh` blocks, as words."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", page.read_text(), re.M | re.S)
    return [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]


def test_the_first_hour_runs_as_it_stands(tmp_path):
    commands, run = commands_of(ROOT / "docs" / "first-hour.md"), ""
    assert len(commands) >= 12
    for command in commands:
        words = [run if word == "RUN" else word for word in command]
        assert words[0] == "yololab"
        # Code of the reader's own needs a process that has not looked for it before.
        call = yololab_process if "--config-dir" in words else yololab
        done = call(*words[1:], cwd=tmp_path)
        assert done.returncode == 0, (command, done.stderr[-2000:])
        run = run or next((path.parent.name for path in tmp_path.glob("runs/sweep/*/results.json")), "")


def test_words_from_elsewhere_are_all_in_their_table():
    text = (ROOT / "docs" / "coming-from.md").read_text()
    missing = [word for word, ours in RENAMED.items() if f"| `{word}` | `{ours}` |" not in text]
    assert missing + [word for word in ANSWERS if f"| `{word}` | " not in text] == []


def test_the_counts_of_the_tutorials_are_those_of_the_program():
    rows = re.findall(r"^\| (\w+) \| (\w*) ?\| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \|$", tutorials(), re.M)
    assert len(rows) == 6
    for attention, place, parameters, gflops, printed in rows:
        place = place or "neck"
        words = ["model=yolov9", "num_classes=80", f"attention={attention}", f"insert_pos={place}"]
        found = json.loads(yololab("profile", *words, "--json").stdout)
        assert f"{found['params_train']:,}" == parameters
        assert (f"{found['gflops_train_640']:.1f}", f"{found['gflops_printed']:.1f}") == (gflops, printed)


def tutorials() -> str:
    return (ROOT / "docs" / "tutorials.md").read_text()


def test_the_site_is_built_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path):
    pytest.importorskip("mkdocs")
    pytest.importorskip("mkdocstrings")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    )
    assert done.returncode == 0, done.stderr[-2000:]
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 12
    for page in pages:
        text = page.read_text()
        assert re.findall(r'<(?:script|img|link)[^>]+(?:src|href)="https?://[^"]+', text) == [], page
    assert "Thresholds" in (tmp_path / "api" / "index.html").read_text()
