from __future__ import annotations

import pytest

from yololab.errors import YololabError
from yololab.run.export import export_weights
from yololab.run.folder import RunFolder


def test_a_run_that_is_not_done_has_no_weights_to_give(tmp_path):
    with pytest.raises(YololabError, match="not done"):
        export_weights(RunFolder(tmp_path), tmp_path / "x.safetensors")
