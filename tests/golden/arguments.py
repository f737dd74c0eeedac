"""The arguments of a case: every one is used, set aside for a stated reason, or refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, NoReturn

import pytest

from yololab.errors import did_you_mean

REQUIRED = object()


class Arguments:
    """Hands out the arguments of a case; at the end of a `with` block those that nobody asked for are refused."""

    def __init__(self, owner: str, given: Mapping[str, Any]) -> None:
        self.owner, self.given = owner, dict(given)
        self._asked: set[str] = set()

    def __enter__(self) -> Arguments:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.refuse_others()

    def __contains__(self, name: str) -> bool:
        return name in self.given

    def take(self, name: str, default: Any = REQUIRED) -> Any:
        """The value of an argument; `default` is the reference's."""
        self._asked.add(name)
        if name not in self.given and default is REQUIRED:
            self.fail(f"argument {name} is missing; given are {sorted(self.given)}")
        return self.given.get(name, default)

    def only(self, name: str, *allowed: Any, reason: str = "") -> None:
        """Refuse every value but `allowed`, which are what ours does."""
        value = self.take(name, allowed[0])
        if not any(value == choice and isinstance(value, bool) == isinstance(choice, bool) for choice in allowed):
            why = f": {reason}" if reason else ""
            choices = " or ".join(repr(choice) for choice in allowed)
            self.fail(f"argument {name}={value!r} is not supported, only {choices}{why}")

    def equals(self, name: str, stored: Any, whose: str = "the stored tensors") -> None:
        """An argument that describes the stored tensors, or our graph, must say what they are."""
        value = self.take(name, stored)
        if value != stored:
            self.fail(f"argument {name}={value!r} contradicts {whose}: {stored!r}")

    def set_aside(self, **reasons: str) -> None:
        """Name arguments that change nothing here, and why."""
        self._asked |= set(reasons)

    def refuse_others(self) -> None:
        """Fail for the first argument that nobody asked for."""
        for name in self.given:
            if name not in self._asked:
                self.fail(f"argument {name} is not supported{did_you_mean(name, self._asked)}")

    def fail(self, message: str) -> NoReturn:
        """End the test, naming case and module."""
        pytest.fail(f"{self.owner}: {message}")
