"""Conditions on a run, as in study.exclude: comparisons joined by and, or, not and parentheses; nothing is executed.

attention=none and insert_pos=all_heads
head=effide and not (loss=siou or loss=giou)
scale.width!=0.25
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from yololab.errors import ConfigError, did_you_mean

Test = Callable[[Mapping[str, str]], bool]
TOKEN = re.compile(r"\s*(?:(?P<operator>\(|\)|!=|==|=)|(?P<quoted>'[^']*'|\"[^\"]*\")|(?P<word>[^\s()=!'\"]+))")
FORM = "expected comparisons such as attention=none, joined by and, or, not and parentheses"


@dataclass(frozen=True)
class Condition:
    """One condition; `holds` tells whether a run, as a mapping of names to values, meets it."""

    text: str
    _test: Test

    def holds(self, values: Mapping[str, str]) -> bool:
        """Whether it is true of `values`. ConfigError where it names something that no run has."""
        return self._test(values)


def parse_conditions(value: Any) -> list[Condition]:
    """Conditions of study.exclude: one, a list of them, or none. ConfigError for anything else."""
    texts = [value] if isinstance(value, str) else list(value or [])
    if not all(isinstance(text, str) for text in texts):
        raise ConfigError(
            f'study.exclude={value}: expected a list of conditions, such as ["attention=none and head=detect"]'
        )
    return [parse_condition(text) for text in texts]


def parse_condition(text: str) -> Condition:
    """Parse a condition. ConfigError that shows where it cannot be read."""
    return Condition(text, _Parser(text).parse())


class _Parser:
    """Recursive descent: or, then and, then not, then a comparison or parentheses."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = self._split()
        self.position = 0

    def parse(self) -> Test:
        test = self._either()
        if self._peek() is not None:
            self._fail()
        return test

    def _split(self) -> list[str]:
        tokens, position = [], 0
        text = self.text.rstrip()
        while position < len(text):
            found = TOKEN.match(text, position)
            if found is None:
                raise ConfigError(f"study.exclude: {self.text!r} cannot be read at {text[position:]!r}; {FORM}")
            tokens.append(found.group("operator") or found.group("quoted") or found.group("word"))
            position = found.end()
        return tokens

    def _peek(self) -> str | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def _next(self) -> str:
        token = self._peek()
        if token is None:
            self._fail()
        self.position += 1
        return token  # type: ignore[return-value]

    def _fail(self) -> None:
        rest = " ".join(self.tokens[self.position :]) or "its end"
        raise ConfigError(f"study.exclude: {self.text!r} cannot be read at {rest!r}; {FORM}")

    def _either(self) -> Test:
        tests = [self._both()]
        while self._peek() == "or":
            self._next()
            tests.append(self._both())
        return lambda values: any(test(values) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._peek() == "and":
            self._next()
            tests.append(self._one())
        return lambda values: all(test(values) for test in tests)

    def _one(self) -> Test:
        if self._peek() == "not":
            self._next()
            inner = self._one()
            return lambda values: not inner(values)
        if self._peek() == "(":
            self._next()
            inner = self._either()
            if self._peek() != ")":
                self._fail()
            self._next()
            return inner
        return self._comparison()

    def _comparison(self) -> Test:
        key = self._next()
        operator = self._peek()
        if operator not in ("=", "==", "!=") or key in ("(", ")", "=", "==", "!="):
            self._fail()
        self._next()
        value = self._next().strip("'\"")
        equal = operator != "!="

        def test(values: Mapping[str, str]) -> bool:
            if key not in values:
                raise ConfigError(f"study.exclude: no run has {key!r}{did_you_mean(key, values)}")
            return (values[key] == value) == equal

        return test
