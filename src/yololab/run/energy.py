"""Energy that the hardware counts while a run trains, where it can be read: of processor packages and NVIDIA GPUs.

The counters are those of the whole packages and cards, whoever used them meanwhile. Linux shows processors under
/sys/class/powercap (since 2020 to root alone, unless an administrator allows others); GPUs need nvidia-ml-py
(`pip install 'yololab[energy]'`). Memory, where it is a domain of its own, is not counted.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

POWERCAP = Path("/sys/class/powercap")
SECONDS_BETWEEN = 30.0
"""Looks at the counters: those of processors begin anew after some minutes of full load"""
MICRO, MILLI = 1e-6, 1e-3
MOST_GPUS = 1024
"""All that there are"""


class EnergyMeter:
    """Sums up, while it is entered, what counters say; a thread of its own looks at them. `gpus`: how many are used."""

    def __init__(self, gpus: int = 0) -> None:
        self._lock = threading.Lock()
        self._packages = {path: _number(path / "energy_uj") for path in _packages()}
        self._joules = 0.0
        self._gpus = _gpus(gpus) if gpus else None
        self._at_first = {index: _gpu_joules(self._gpus, index) for index in self._gpus.handles} if self._gpus else {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> EnergyMeter:
        if self._readable:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def joules(self) -> dict[str, float]:
        """Since it was made: `cpu` and `gpu`, those that can be read."""
        found = {}
        if self._readable:
            self._look()
            found["cpu"] = self._joules
        with suppress(Exception):  # whatever a driver makes of the question: a finished run has its record all the same
            if self._gpus is not None and self._at_first:
                now = {index: _gpu_joules(self._gpus, index) for index in self._at_first}
                found["gpu"] = sum(now[index] - first for index, first in self._at_first.items())
        return found

    @property
    def _readable(self) -> bool:
        return bool(self._packages) and None not in self._packages.values()

    def _watch(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN):
            self._look()

    def _look(self) -> None:
        with self._lock:
            for path, before in self._packages.items():
                now = _number(path / "energy_uj")
                if now is None or before is None:
                    continue
                grown = now - before
                if grown < 0:  # it began anew
                    grown += _number(path / "max_energy_range_uj") or 0
                self._joules += MICRO * max(grown, 0)
                self._packages[path] = now


def _packages() -> list[Path]:
    """Counters of whole processors; those of their parts are contained in them."""
    try:
        zones = sorted(POWERCAP.glob("intel-rapl:*"))  # AMD's too go by this name
        return [zone for zone in zones if (zone / "name").read_text().startswith("package")]
    except OSError:
        return []


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def gpus_of(trainer: Mapping[str, Any]) -> int:
    """How many GPUs a run's trainer uses, at most; of several machines those of this one."""
    if trainer.get("accelerator") == "cpu":
        return 0
    devices = trainer.get("devices")
    if isinstance(devices, int) and devices > 0:
        return devices
    return len(devices) if isinstance(devices, list) else MOST_GPUS


class _Gpus:
    """NVIDIA's counters of the GPUs that torch uses."""

    def __init__(self, library: Any, handles: dict[int, Any]) -> None:
        self.library, self.handles = library, handles


def _gpus(count: int) -> _Gpus | None:
    """None without a GPU, without nvidia-ml-py, or for cards that do not count."""
    import torch

    if not torch.cuda.is_available():
        return None
    try:
        import pynvml  # type: ignore[import-not-found]

        pynvml.nvmlInit()
        handles = {}
        for index in range(min(count, torch.cuda.device_count())):
            uuid = torch.cuda.get_device_properties(index).uuid
            handle = pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}".encode())
            pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)
            handles[index] = handle
    except Exception:  # whatever an optional library of the driver's makes of this machine
        return None
    return _Gpus(pynvml, handles)


def _gpu_joules(gpus: _Gpus | None, index: int) -> float:
    assert gpus is not None
    return MILLI * gpus.library.nvmlDeviceGetTotalEnergyConsumption(gpus.handles[index])
