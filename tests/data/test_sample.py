from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from data.case import CLASSES, voc_object, write_image, write_voc
from yololab.data import VOCSource
from yololab.data.batch import collate
from yololab.data.dataset import EvalDataset
from yololab.errors import DataError


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("what", ["other bytes", "another size", "gone"])
def test_a_file_that_changes_after_the_checks_is_named_and_never_stood_in_for(tmp_path, what, workers):
    root = write_voc(tmp_path, {"a": voc_object("dog", (5, 6, 20, 16))})
    data = VOCSource(str(root), CLASSES).read("train")
    path = root / "JPEGImages" / "a.jpg"
    if what == "gone":
        path.unlink()
    elif what == "another size":
        write_image(path, 20, 20)
    else:
        path.write_bytes(b"no image")
    dataset = EvalDataset(data, image_size=64)
    with pytest.raises(DataError, match=r"a.jpg: (changed since it was checked|cannot be read any more)") as error:
        list(torch.utils.data.DataLoader(dataset, num_workers=workers, collate_fn=collate))
    assert "Traceback" not in str(error.value)


def test_an_image_of_12_bits_in_a_file_of_16_uses_the_whole_range(tmp_path):
    root = write_voc(tmp_path, {"a": voc_object("dog", (5, 6, 20, 16))})
    (root / "JPEGImages" / "a.jpg").unlink()
    values = np.linspace(0, 4095, 30 * 40).reshape(30, 40).astype(np.uint16)
    cv2.imwrite(str(root / "JPEGImages" / "a.png"), values)
    data = VOCSource(str(root), CLASSES).read("train")
    (problem,) = data.problems.problems
    assert (problem.kind, problem.action) == ("12-bit image", "scaled")
    image = EvalDataset(data, image_size=64, cache=False).images[0]
    assert (image.min(), image.max()) == (0, 255)
    before = data.fingerprint()
    cv2.imwrite(str(root / "JPEGImages" / "a.png"), (values * 16).astype(np.uint16))
    whole = VOCSource(str(root), CLASSES).read("train")
    assert whole.problems.problems == []
    assert EvalDataset(whole, image_size=64, cache=False).images[0].max() == 255
    assert whole.fingerprint() != before
