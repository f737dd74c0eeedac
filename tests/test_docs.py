"""What docs promise is there: tests that a page names, links from page to page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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
