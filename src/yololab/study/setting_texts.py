"""Settings by dotted key, as tables compare them; what many records share is written once."""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from typing import Any

from yololab.config.identity import as_text, flat


class SettingTexts:
    """Texts of the settings of many records: ten thousand runs differ in a few sections, and share the others."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bytes], dict[str, str]] = {}

    def of(self, found: Mapping[str, Any]) -> dict[str, str]:
        """Nested settings as {"recipe.lr": "0.01"}."""
        texts: dict[str, str] = {}
        for key, value in found.items():
            texts |= self._section(key, value)
        return texts

    def _section(self, key: str, value: Any) -> dict[str, str]:
        name = (key, marshal.dumps(value, 2))  # exact for what JSON holds, and a fifth of the time
        if name not in self._known:
            self._known[name] = {inner: as_text(setting) for inner, setting in flat(value, key).items()}
        return self._known[name]
