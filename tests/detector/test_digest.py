"""A checkpoint carries the SHA-256 of itself."""

from __future__ import annotations

import random

import pytest
import torch

from yololab.detector.digest import append_digest, damage_of
from yololab.detector.weights import read_checkpoint
from yololab.errors import ConfigError


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "x.ckpt"
    torch.save({"state_dict": {"detector.w": torch.randn(1000)}}, path)
    return path


def test_a_file_with_its_digest_reads_as_before(path):
    before = read_checkpoint(path)["w"]
    append_digest(path)
    assert damage_of(path) is None
    assert torch.equal(read_checkpoint(path)["w"], before)
    for mmap in (False, True):
        assert torch.equal(torch.load(path, weights_only=True, mmap=mmap)["state_dict"]["detector.w"], before)


@pytest.mark.parametrize("carries", [True, False], ids=["with digest", "of an earlier version"])
@pytest.mark.parametrize("flips", [1, 64])
def test_flipped_bytes_are_told(path, carries, flips):
    if carries:
        append_digest(path)
    raw, start = bytearray(path.read_bytes()), path.read_bytes().index(b"x/data/0") + 100
    for place in random.Random(0).sample(range(start, start + 3000), flips):
        raw[place] ^= 0x10
    path.write_bytes(raw)
    assert damage_of(path)
    with pytest.raises(ConfigError, match="cannot be read as a checkpoint"):
        read_checkpoint(path)


def test_a_byte_anywhere_is_told(path):
    append_digest(path)
    whole, rng = path.read_bytes(), random.Random(1)
    body = len(whole) - len(b"yololab-sha256:") - 64 - 2
    for place in rng.sample(range(body), 40):
        raw = bytearray(whole)
        raw[place] ^= 1
        path.write_bytes(raw)
        with pytest.raises(ConfigError):
            read_checkpoint(path)


def test_only_an_archive_without_a_comment_can_carry_one(path, tmp_path):
    append_digest(path)
    with pytest.raises(ValueError, match="without a comment"):
        append_digest(path)
    (tmp_path / "text").write_text("text")
    with pytest.raises(ValueError, match="without a comment"):
        append_digest(tmp_path / "text")
