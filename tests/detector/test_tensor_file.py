"""Both formats of torch.save, read without torch.load: the same tensors, and nothing of a hostile file happens."""

from __future__ import annotations

import contextlib
import io
import pickle
import random
import zipfile
from collections import OrderedDict

import pytest
import torch
from torch import nn

from yololab.detector.tensor_file import DTYPES, Shell, read_tensor_file


def contents():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    flagged = nn.Parameter(torch.ones(2, 2))
    flagged.note = "kept with the parameter"  # pickled by _rebuild_parameter_with_state
    return {
        "views": {"base": base, "rows": base[1:3], "columns": base.t(), "part": base[:, ::2]},
        "types": [torch.arange(5).to(dtype) for dtype in DTYPES.values()],
        "parameter": nn.Parameter(torch.randn(3)),
        "flagged": flagged,
        "scalar": torch.tensor(7),
        "empty": torch.empty(0, 3),
        "channels_last": torch.randn(1, 3, 4, 5).to(memory_format=torch.channels_last),
        "ordered": OrderedDict(a=torch.zeros(2), b={"c": (1, 2.5, None, True, "text", {3})}),
        "size": torch.Size([2, 3]),
    }


def same(a, b):
    if isinstance(a, torch.Tensor):
        return a.dtype == b.dtype and a.shape == b.shape and a.stride() == b.stride() and torch.equal(a, b)
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return a == b


@pytest.mark.parametrize("legacy", [False, True])
def test_it_reads_what_torch_reads(tmp_path, legacy):
    path = tmp_path / "x.pt"
    torch.save(contents(), path, _use_new_zipfile_serialization=not legacy)
    assert same(torch.load(path, weights_only=True), read_tensor_file(path))


class Calls:
    """A pickle that calls any function of any arguments."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("protocol", [2, 4])
def test_what_a_pickle_calls_is_not_called(tmp_path, legacy, protocol):
    flag, path = tmp_path / "flag", tmp_path / "x.pt"
    content = [Calls(open, str(flag), "w"), Calls(exec, f"open({str(flag)!r}, 'w')"), Calls(torch.save, 1, str(flag))]
    torch.save(content, path, _use_new_zipfile_serialization=not legacy, pickle_protocol=protocol)
    assert all(isinstance(found, Shell) for found in read_tensor_file(path))
    assert not flag.exists()


def hostile_tensor(size, stride, offset=0):
    """A pickle that asks for a tensor of its own shape from a storage of four numbers."""
    storage = torch.zeros(4).untyped_storage()

    class Asks:
        def __reduce__(self):
            typed = torch.storage.TypedStorage(wrap_storage=storage, dtype=torch.float32, _internal=True)
            return torch._utils._rebuild_tensor_v2, (typed, offset, size, stride, False, OrderedDict())

    return Asks()


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize(
    ("size", "stride", "offset"),
    [((5,), (1,), 0), ((2,), (4,), 0), ((4,), (1,), 1), ((10**12,), (0,), 0), ((-1,), (1,), 0), ((2,), (-1,), 2)],
)
def test_no_tensor_reaches_beyond_its_storage(tmp_path, legacy, size, stride, offset):
    path = tmp_path / "x.pt"
    torch.save([hostile_tensor(size, stride, offset)], path, _use_new_zipfile_serialization=not legacy)
    with pytest.raises((pickle.UnpicklingError, RuntimeError)):
        read_tensor_file(path)


def test_a_compressed_archive_is_refused(tmp_path):
    torch.save({"a": torch.zeros(100)}, tmp_path / "x.pt")
    deflated = zipfile.ZipFile(tmp_path / "y.pt", "w", zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(tmp_path / "x.pt") as before, deflated as after:
        for name in before.namelist():
            after.writestr(name, before.read(name))
    with pytest.raises(ValueError, match="compressed archive"):
        read_tensor_file(tmp_path / "y.pt")


def test_a_legacy_storage_larger_than_its_file_takes_no_memory(tmp_path):
    """The length in its pickle is changed to 2**40 numbers."""
    stream = io.BytesIO()
    torch.save({"a": torch.zeros(77777)}, stream, _use_new_zipfile_serialization=False)
    raw = stream.getvalue()
    long = pickle.dumps(2**40, 2)[2:-1]
    changed = raw.replace(pickle.dumps(77777, 2)[2:-1], long)
    assert changed != raw
    (tmp_path / "x.pt").write_bytes(changed)
    with pytest.raises((pickle.UnpicklingError, RuntimeError)):
        read_tensor_file(tmp_path / "x.pt")


@pytest.mark.parametrize("legacy", [False, True])
def test_damage_anywhere_ends_in_an_error_or_in_tensors(tmp_path, legacy):
    """Whatever bytes are changed or cut off: no crash, no call, no hang."""
    path, rng = tmp_path / "x.pt", random.Random(legacy)
    torch.save(contents(), path, _use_new_zipfile_serialization=not legacy)
    whole = path.read_bytes()
    for _ in range(150):
        raw = bytearray(whole[: rng.randrange(len(whole))] if rng.random() < 0.3 else whole)
        for _ in range(rng.randrange(1, 8)):
            if raw:
                raw[rng.randrange(len(raw))] = rng.randrange(256)
        path.write_bytes(raw)
        with contextlib.suppress(Exception):
            read_tensor_file(path)
