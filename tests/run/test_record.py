"""results.json: by its schema, readable for ever, and never half there."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import jsonschema
import pytest

from study.case import record
from yololab.errors import YololabError
from yololab.run.record import RECORD_VERSION, read_record, record_schema


def test_a_record_round_trips_and_numbers_that_do_not_exist_are_null(tmp_path):
    made = record(curve=[{"epoch": 0.0, "seconds": 1.0, "val/mAP": math.nan}])
    made.write(tmp_path)
    content = json.loads((tmp_path / "results.json").read_text(), parse_constant=pytest.fail)
    assert content["curve"][0]["val/mAP"] is None
    back = read_record(tmp_path)
    assert math.isnan(back.curve[0]["val/mAP"])
    assert back.metrics == made.metrics


def test_the_schema_is_one_and_every_write_is_checked_against_it(tmp_path):
    jsonschema.Draft202012Validator.check_schema(record_schema())
    with pytest.raises(jsonschema.ValidationError, match="mAP75"):
        record(metrics={"mAP": 0.5}).write(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_record_of_version_one_still_reads(tmp_path):
    record().write(tmp_path)
    path = tmp_path / "results.json"
    old = json.loads(path.read_text())
    for key in ("attempts", "pruned", "peak_memory", "wandb_id", "checkpoints", "images", "overrides"):
        del old[key]
    path.write_text(json.dumps(old | {"schema_version": 1}))
    back = read_record(tmp_path)
    assert back.schema_version == 1
    assert (back.attempts, back.pruned) == (1, None)


def test_a_record_of_a_newer_yololab_is_refused(tmp_path):
    record().write(tmp_path)
    path = tmp_path / "results.json"
    path.write_text(path.read_text().replace(f'"schema_version": {RECORD_VERSION}', '"schema_version": 99'))
    with pytest.raises(YololabError, match="written by a newer yololab"):
        read_record(tmp_path)


def test_a_damaged_record_is_refused_by_name(tmp_path):
    (tmp_path / "results.json").write_text('{"run_id": ')
    with pytest.raises(YololabError, match="not a readable run record"):
        read_record(tmp_path)


def test_undefined_metrics_are_null_in_the_file_and_equal_when_read(tmp_path):
    undefined = dict.fromkeys(("mAP_large", "AR_large"), math.nan)
    made = record(curve=[{"epoch": 0.0, "val/mAP_large": math.nan}])
    made = replace(made, metrics=made.metrics | undefined, per_class={"disc": {"AP": math.nan}})
    made.write(tmp_path)
    content = json.loads((tmp_path / "results.json").read_text())
    assert content["metrics"]["mAP_large"] is content["per_class"]["disc"]["AP"] is None
    back = read_record(tmp_path)
    assert (back.metrics, back.per_class, back.curve) == (made.metrics, made.per_class, made.curve)
    assert "mAP_large" not in back.summary()
    assert "AP/disc" not in back.summary()


def test_minus_one_of_earlier_versions_reads_as_undefined(tmp_path):
    made = record(curve=[{"epoch": 0.0, "val/mAP": -1.0, "val/loss": -1.0}])
    per_class, validation = {"disc": {"AP": -1.0}}, {"mask_mAP50": -1.0}
    metrics = made.metrics | {"mAP_large": -1.0}
    replace(made, metrics=metrics, per_class=per_class, validation=validation).write(tmp_path)
    back = read_record(tmp_path)
    assert math.isnan(back.metrics["mAP_large"])
    assert math.isnan(back.validation["mask_mAP50"])
    assert math.isnan(back.per_class["disc"]["AP"])
    assert math.isnan(back.curve[0]["val/mAP"])
    assert back.curve[0]["val/loss"] == -1.0


@pytest.mark.parametrize("depth", [100, 990, 1005, 5000])
def test_a_record_that_is_nested_without_end_is_damaged(depth, tmp_path):
    """The measured fault: a science of 1,005 levels was read, and ended the whole table."""
    path = record().write(tmp_path)
    content = json.loads(path.read_text())
    del content["science"]
    path.write_text(json.dumps(content)[:-1] + ', "science": ' + '{"a":' * depth + "1" + "}" * depth + "}")
    with pytest.raises(YololabError, match="not a readable run record .nested too deeply"):
        read_record(tmp_path)
