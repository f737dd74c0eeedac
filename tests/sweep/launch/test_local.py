from __future__ import annotations

import pytest

from yololab.errors import ConfigError
from yololab.sweep.launch.local import LocalOptions


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"n_jobs": 0}, "hydra.launcher.n_jobs=0: expected a number of at least 1"),
        ({"retries": "many"}, "hydra.launcher.retries=many: expected a number of at least 0"),
        ({"time_limit": 0}, "hydra.launcher.time_limit=0: expected a number above 0"),
    ],
)
def test_options_that_make_no_sense_are_refused(option, message):
    with pytest.raises(ConfigError, match=message):
        LocalOptions.default(**option)
