from __future__ import annotations

import pytest

from study.case import record
from yololab.study.parquet import to_rows, write_parquet


def test_records_go_into_one_parquet_file(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    records = [
        record(seed=seed, attention="cbam", science={"recipe": {"lr": lr}}) for seed, lr in ((0, 0.1), (1, None))
    ]
    table = parquet.read_table(write_parquet(records, tmp_path / "records.parquet"))
    assert table.num_rows == 2
    assert table.column("metrics.mAP").to_pylist() == [0.5, 0.5]
    assert table.column("choice.attention").to_pylist() == ["cbam", "cbam"]
    assert table.column("science.recipe.lr").to_pylist() == [0.1, None]
    assert set(to_rows(records)[0]) == set(table.column_names)
