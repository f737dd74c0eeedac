from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace

import pytest

from study.case import record
from yololab.errors import ConfigError, YololabError
from yololab.study.formats import to_csv, to_json, to_markdown
from yololab.study.output import write_study
from yololab.study.records import read_records
from yololab.study.table import Question, build_table


def study():
    return [
        record(0, 0.50, attention="none"),
        record(1, 0.54, attention="none"),
        record(0, 0.55, attention="cbam"),
        record(1, 0.57, attention="cbam"),
    ]


def test_differences_pair_seeds_and_two_rows_give_the_paired_t_interval():
    # cbam - none: 5 and 3; mean 4, s = 1.41, half-width 12.706 * s / sqrt(2).
    difference = build_table(study()).results[1].difference
    estimate = difference.estimate
    assert estimate.difference == pytest.approx(4)
    assert (estimate.high - estimate.low) / 2 == pytest.approx(12.7062 * 1.41421 / math.sqrt(2), rel=1e-4)
    assert estimate.p_value == pytest.approx(0.15596, abs=1e-4)
    assert difference.exact_p == 0.5
    assert difference.shared_seeds == 2


def test_one_seed_has_no_spread_no_interval_and_no_p():
    table = build_table([record(0, 0.5, attention="none"), record(0, 0.6, attention="cbam")])
    assert math.isnan(table.results[0].summaries["mAP"].std)
    estimate = table.results[1].difference.estimate
    assert estimate.difference == pytest.approx(10)
    assert math.isnan(estimate.low)
    assert math.isnan(estimate.p_value)


def test_equal_runs_never_give_p_0():
    same = [record(s, 0.5 + (a == "cbam") / 10, attention=a) for a in ("none", "cbam") for s in (0, 1, 2)]
    assert math.isnan(build_table(same).results[1].difference.estimate.p_value)


def test_a_verdict_is_made_of_the_smallest_effect_that_matters():
    scores = {"none": 0.5, "same": 0.5005, "better": 0.56}
    noise = [0.0005 * ((7 * seed) % 5) for seed in range(6)]
    records = [
        record(s, score + noise[s - i], attention=a) for i, (a, score) in enumerate(scores.items()) for s in range(6)
    ]
    found = {r.row.choices["attention"]: r for r in build_table(records, Question(smallest_effect=1.0)).results}
    assert found["better"].difference.decision.sentence == "better"
    assert found["same"].difference.decision.sentence == "no difference larger than 1"


def test_the_baseline_is_the_one_that_is_named_or_else_it_is_said_which_was_taken():
    records = [record(s, 0.5 + s / 10, head=h) for h in ("effide", "detect") for s in (0, 1)]
    table = build_table(records)
    assert table.results[0].row.label == "head=detect"
    assert any("no row is plain, so head=detect was taken as the baseline" in w for w in table.warnings)
    named = build_table(records, Question(baseline={"head": "effide"}))
    assert named.results[0].row.label == "head=effide"
    assert not any("was taken" in w for w in named.warnings)
    with pytest.raises(ConfigError, match="baseline head=effde: no row .* rows are: head=detect; head=effide"):
        build_table(records, Question(baseline={"head": "effde"}))


def test_a_run_in_two_rows_is_tested_once_and_shown_twice():
    plain = [record(s, 0.5 + s / 10, attention="none", insert_pos="neck") for s in (0, 1)]
    also = [replace(one, choices={"attention": "none", "insert_pos": "all_heads"}) for one in plain]
    eca = [record(s, 0.6 + s / 20, attention="eca", insert_pos="neck") for s in (0, 1)]
    results = build_table([*plain, *also, *eca]).results
    assert [result.role for result in results] == ["baseline", "the same runs", ""]
    assert results[2].difference.estimate.p_value == results[2].difference.estimate.p_individual


def test_the_table_is_not_quiet_about_what_is_missing_or_mixed():
    records = [*study()[:3], record(2, 0.5, commit="c1", attention="none")]
    other_data = record(3, 0.5, data="d1", attention="none")
    text = " ".join([*build_table(records).warnings, *build_table([*records, other_data]).warnings])
    assert "attention=cbam: no usable run for seed 1, 2" in text
    assert "different data" in text
    assert "code is c0 (3 runs), c1 (1 run)" in text


def test_markdown_has_a_line_per_row():
    lines = to_markdown(build_table(study()).sheet()).splitlines()
    assert lines[0].startswith("| attention | mAP | mAP50 |")
    assert lines[2] == "| none | **52.0 ± 2.8** | 72.0 ± 2.8 | baseline |  |  | 1,000 | 1.500 | 2 |"
    assert lines[3].startswith("| cbam | **56.0 ± 1.4** | **76.0 ± 1.4** | +4.0 ± 12.7 | 0.156 | cannot tell yet: ")


def test_csv_and_json_hold_full_precision():
    table = build_table(study())
    rows = list(csv.DictReader(io.StringIO(to_csv(table.sheet()))))
    assert [float(row["mAP"]) for row in rows] == [pytest.approx(52), pytest.approx(56)]
    content = json.loads(to_json(table.sheet()))
    assert content["rows"][1]["difference"] == pytest.approx(4)
    assert content["warnings"] == []


def write(folder, records):
    for one in records:
        path = folder / one.run_id
        path.mkdir(parents=True)
        one.write(path)
    return folder


def test_a_study_is_read_from_its_folders_and_its_files_written(tmp_path):
    folder = write(tmp_path / "s", study())
    assert sorted(r.run_id for r in read_records(folder)) == sorted(r.run_id for r in study())
    assert write_study(folder) is not None
    assert {"table.md", "table.csv", "table.json"} <= {path.name for path in folder.iterdir()}
    assert (folder / "figure.png").stat().st_size > 5000
    assert not list(folder.rglob("*.tmp"))


def test_a_broken_record_says_which_and_what_to_do(tmp_path):
    folder = write(tmp_path / "s", study()[:1])
    next(folder.rglob("results.json")).write_text("{")
    with pytest.raises(YololabError, match=r"results.json: not a readable run record.*remove the file to run it again"):
        read_records(folder)


def test_a_folder_that_is_no_study_says_what_was_expected(tmp_path):
    with pytest.raises(YololabError, match=r"no such study folder; expected runs/<study>"):
        read_records(tmp_path / "x")
