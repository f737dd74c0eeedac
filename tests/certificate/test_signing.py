from __future__ import annotations

import pytest

from yololab.certificate.signing import PUBLIC_KEY, SIGNATURE, require_signature, sign
from yololab.errors import YololabError

CONTENT = {"run": "r0", "value": 0.1, "nested": {"b": [1, None], "a": "ü"}}


def test_what_was_signed_verifies_with_the_same_key_every_time():
    first, second = sign(CONTENT), sign(CONTENT)
    assert require_signature(first) == require_signature(second) == first[PUBLIC_KEY]
    assert require_signature(dict(reversed(first.items()))) == first[PUBLIC_KEY]  # order means nothing


@pytest.mark.parametrize(
    "change",
    [
        {"value": 0.2}, {"extra": 1}, {SIGNATURE: "AAAA"}, {SIGNATURE: 3}, {SIGNATURE: ""}, {PUBLIC_KEY: "AAAA"},
        {PUBLIC_KEY: None}, {"nested": {}}, {SIGNATURE: "ü"},
    ],
)  # fmt: skip
def test_whatever_is_changed_fails(change):
    with pytest.raises(YololabError, match="not signed|does not fit"):
        require_signature({**sign(CONTENT), **change})


def test_nothing_may_be_taken_away():
    signed = sign(CONTENT)
    for key in signed:
        with pytest.raises(YololabError, match="not signed|does not fit"):
            require_signature({name: value for name, value in signed.items() if name != key})


def test_another_users_key_is_another_key(monkeypatch, tmp_path):
    mine = sign(CONTENT)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    theirs = sign(CONTENT)
    assert theirs[PUBLIC_KEY] != mine[PUBLIC_KEY]
    with pytest.raises(YololabError, match="does not fit"):
        require_signature({**mine, PUBLIC_KEY: theirs[PUBLIC_KEY]})
