"""Files of `torch.save` and of safetensors, read as data: nothing that they name is imported, nothing is called.

Both formats of `torch.save` are a pickle and raw bytes of storages: a zip archive (`<name>/data.pkl`, `<name>/data/0`
...) since PyTorch 1.6, and before it five pickles in a row followed by the storages. Their pickles name functions that
rebuild tensors; an unpickler has its own for these, and makes an inert Shell of every other name.
"""

from __future__ import annotations

import math
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from yololab.detector.digest import require_digest

LEGACY_MAGIC, LEGACY_PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
DTYPES = {
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "DoubleStorage": torch.float64,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}


class Shell:
    """Stands for any class or function of a pickle: takes everything, does nothing, remembers its state."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.state: Any = None

    def __call__(self, *arguments: Any, **options: Any) -> Shell:
        """Whatever a pickled callable would have made."""
        return Shell()

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def __setitem__(self, key: Any, value: Any) -> None:
        """Content of a pickled mapping."""

    def append(self, value: Any) -> None:
        """Content of a pickled list."""

    def extend(self, values: Any) -> None:
        """Content of a pickled list."""

    def add(self, value: Any) -> None:
        """Content of a pickled set."""


def _tensor(storage: Any, offset: int, size: Sequence[int], stride: Sequence[int], *_: Any) -> Tensor:
    """A view of a storage, never of more elements than it has."""
    if not isinstance(storage, Tensor) or math.prod(size) > storage.numel():
        raise pickle.UnpicklingError("a tensor that is larger than its storage")
    return storage.as_strided(tuple(size), tuple(stride), offset)


def _first(value: Any, *_: Any) -> Any:
    """A parameter is its tensor."""
    return value


def _of_type(make: Any, _: Any, arguments: Sequence[Any], *__: Any) -> Any:
    """A tensor of a subclass, or with attributes of its own."""
    return make(*arguments) if make in (_tensor, _first) else Shell()


KNOWN: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("builtins", "set"): set,
    ("__builtin__", "set"): set,
    ("torch", "Size"): torch.Size,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_tensor"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _first,
    ("torch._utils", "_rebuild_parameter_with_state"): _first,
    ("torch.nn.parameter", "Parameter"): _first,
    ("torch._tensor", "_rebuild_from_type_v2"): _of_type,
    **{("torch", name): dtype for name, dtype in DTYPES.items()},
}
"""All that a file may name; whatever else it names becomes a Shell."""


class _TensorUnpickler(pickle.Unpickler):
    """Yields tensors and containers, Shells for everything else."""

    def find_class(self, module: str, name: str) -> Any:
        """Never imports."""
        return KNOWN.get((module, name), Shell)


def read_tensor_file(path: Path) -> Any:
    """What a file holds. Raises ValueError, and whatever a broken pickle makes Python raise, where it cannot be read.

    Damaged archives are told by the digest that they carry, and by the CRC-32 of every entry that is read. TorchScript
    archives, which hold code, are refused by ValueError.
    """
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            require_digest(path, archive)
            return _read_archive(archive)
    with path.open("rb") as stream:
        return _read_legacy(stream, path.stat().st_size)


def _read_archive(archive: zipfile.ZipFile) -> Any:
    entries = {entry.filename: entry for entry in archive.infolist()}
    inner = {name.partition("/")[2] for name in entries}
    if "constants.pkl" in inner or any(name.startswith("code/") for name in inner):
        raise ValueError(
            "a TorchScript archive, which holds code that reading it would run; save the model's state_dict instead"
        )
    roots = [name.removesuffix("/data.pkl") for name in entries if name.count("/") == 1 and name.endswith("/data.pkl")]
    if len(roots) != 1:
        raise ValueError("a zip archive that torch.save has not written")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries.values()):
        raise ValueError("a compressed archive, which torch.save never writes")
    root = roots[0]
    if f"{root}/byteorder" in entries and archive.read(f"{root}/byteorder") != b"little":
        raise ValueError("numbers in big-endian order; save it anew on a little-endian machine")
    storages: dict[str, Tensor] = {}

    class Unpickler(_TensorUnpickler):
        def persistent_load(self, pid: Any) -> Tensor:
            key, dtype, _ = _storage_id(pid)
            if key not in storages:
                content = bytearray(archive.read(f"{root}/data/{key}"))  # checks its CRC-32
                storages[key] = torch.frombuffer(content, dtype=dtype) if content else torch.empty(0, dtype=dtype)
            return storages[key]

    with archive.open(f"{root}/data.pkl") as stream:
        return Unpickler(stream).load()


def _read_legacy(stream: BinaryIO, size: int) -> Any:
    storages: dict[str, Tensor] = {}

    class Unpickler(_TensorUnpickler):
        def persistent_load(self, pid: Any) -> Tensor:
            key, dtype, numel = _storage_id(pid)
            if key not in storages:
                used = sum(storage.nbytes for storage in storages.values())
                if not 0 <= numel <= (size - used) // dtype.itemsize:
                    raise pickle.UnpicklingError("a storage that is larger than its file")
                storages[key] = torch.empty(numel, dtype=dtype)  # filled when the pickle has ended
            return storages[key]

    if _TensorUnpickler(stream).load() != LEGACY_MAGIC or _TensorUnpickler(stream).load() != LEGACY_PROTOCOL:
        raise ValueError("no file that torch.save has written")
    _TensorUnpickler(stream).load()  # what machine wrote it
    content = Unpickler(stream).load()
    for key in _TensorUnpickler(stream).load():
        storage = storages[key]
        (numel,) = struct.unpack("<q", stream.read(8))
        raw = stream.read(storage.nbytes)
        if numel != storage.numel() or len(raw) != storage.nbytes:
            raise ValueError("it ends before its tensors do")
        if raw:
            storage.copy_(torch.frombuffer(bytearray(raw), dtype=storage.dtype))
    return content


def _storage_id(pid: Any) -> tuple[str, torch.dtype, int]:
    """Key, type and length of the storage that a persistent id of torch.save means."""
    if not isinstance(pid, tuple) or len(pid) < 5 or pid[0] != "storage" or not isinstance(pid[1], torch.dtype):
        raise pickle.UnpicklingError("a reference to something else than a storage of numbers")
    return str(pid[2]), pid[1], int(pid[4])
