"""The contract of every data set of conf/data: made without reading; a missing one is named when it is read."""

from __future__ import annotations

import pytest

from parts import choices, config_of, make_source
from yololab.config.place import conf_dir
from yololab.errors import DataError

CHOICES = choices("data")
ON_DISK = [choice for choice in CHOICES if "root:" in (conf_dir() / "data" / f"{choice}.yaml").read_text()]


@pytest.mark.parametrize("choice", CHOICES)
def test_a_source_is_made_without_reading(choice):
    source = make_source(choice)
    named = config_of("data", choice)["data"].get("classes", ())
    assert source.classes == tuple(named)
    assert len(set(source.classes)) == len(source.classes)


@pytest.mark.parametrize("split", ["train", "val"])
@pytest.mark.parametrize("choice", ON_DISK)
def test_a_missing_root_is_named_with_what_was_expected(choice, split, tmp_path):
    missing = tmp_path / "missing"
    with pytest.raises(DataError, match=r"data\.root.*expected a") as refusal:
        make_source(choice, root=missing).read(split)
    assert str(missing) in str(refusal.value)


@pytest.mark.parametrize("choice", sorted(set(CHOICES) - set(ON_DISK)))
def test_embedded_data_is_read_with_nothing_on_the_disk(choice):
    data = make_source(choice).read("val")
    assert len(data.records) > 0
    assert data.classes == make_source(choice).classes
