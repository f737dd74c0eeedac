from __future__ import annotations

import errno

import pytest

from yololab.errors import ConfigError, GraphError, YololabError, did_you_mean, explain_os_error, nearest


def test_the_nearest_name_is_suggested_and_nothing_far():
    assert nearest("cbma", ["eca", "cbam", "gam"]) == "cbam"
    assert nearest("zzz", ["eca", "cbam"]) is None
    assert "did you mean 'cbam'?" in did_you_mean("cbma", ["eca", "cbam"])
    assert "did you mean" not in did_you_mean("zzz", ["eca"])


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_what_the_system_refuses_is_explained_with_the_file(number):
    message = explain_os_error(OSError(number, "refused by the system", "/runs/x"))
    assert message is not None
    assert "/runs/x" in message


def test_an_error_of_a_graph_is_one_of_the_configuration_and_of_the_user():
    assert issubclass(GraphError, ConfigError)
    assert issubclass(ConfigError, YololabError)
    assert issubclass(ConfigError, ValueError)
