"""Whether data and parts of a configuration fit together, told before anything is written; without Lightning."""

from __future__ import annotations

from omegaconf import DictConfig

from yololab.assemble import make_augment, make_loss, make_source
from yololab.data.records import DetectionData
from yololab.errors import ConfigError, DataError


def read_data(cfg: DictConfig) -> tuple[DetectionData, DetectionData]:
    """Training and validation data. DataError where a split has no usable image, ConfigError for too few classes."""
    source = make_source(cfg)
    train, val = source.read("train"), source.read("val")
    for name, split in (("train", train), ("val", val)):
        if not split.records:
            raise DataError(f"data: the {name} split has no usable image")
    if cfg.num_classes is not None and cfg.num_classes < len(train.classes):
        raise ConfigError(f"num_classes={cfg.num_classes}: the data has {len(train.classes)} classes")
    return train, val


def data_fingerprint(train: DetectionData, val: DetectionData) -> str:
    """Of both splits."""
    return f"{train.fingerprint()}-{val.fingerprint()}"


def check_parts(cfg: DictConfig) -> None:
    """Refuse augmentation, loss and assigner that do not fit, before anything is written."""
    for make in (make_augment, make_loss):
        make(cfg)


def require_masks(*splits: DetectionData) -> None:
    """DataError that names the first image whose objects have no masks."""
    for data in splits:
        without = [record for record in data.records if len(record) and record.masks is None]
        if without:
            first = without[0].path or without[0].name
            raise DataError(
                f"task=segment needs a mask for every object; {len(without)} of {len(data.records)} images "
                f"have objects without one, the first is {first}"
            )
