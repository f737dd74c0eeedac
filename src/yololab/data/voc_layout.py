"""Where VOC's annotations and images lie: the devkit's own folders, or a folder for each split with both in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from yololab.data.coco_places import NAMES
from yololab.data.problems import ProblemLog
from yololab.data.source import require_folder
from yololab.data.text import in_either_capitals, read_lines
from yololab.errors import DataError

IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
FLAGGED = re.compile(r"(.*\S)\s+(-1|0|1)")
"""A line of a list for one class: name, and whether the class is in the image"""
XML_FOLDERS = ("annotations", "Annotations", "labels", "xml")
"""Beside a split's folder of images, where the annotations do not lie among them"""


@dataclass(frozen=True)
class VOCEntry:
    """An image of a split, and where its annotation is or would be."""

    image: Path
    xml: Path


class Devkit:
    """JPEGImages, Annotations, and a list for each split in ImageSets/Main."""

    def __init__(self, root: Path) -> None:
        self.root, self.annotations = root, root / "Annotations"

    def listing(self, split: str, name: str) -> Path:
        """What says which images a split has. DataError with those that exist."""
        listing = self.root / "ImageSets" / "Main" / f"{name}.txt"
        if not listing.is_file():
            found = sorted(path.stem for path in listing.parent.glob("*.txt")) if listing.parent.is_dir() else []
            raise DataError(f"{listing} does not exist; splits found there: {', '.join(found) or 'none'}")
        return listing

    def entries(self, listing: Path, log: ProblemLog) -> dict[str, VOCEntry]:
        """Images that a list names, each once, by name."""
        found: dict[str, VOCEntry] = {}
        images = ImageFolder(self.root / "JPEGImages")
        for number, line in read_lines(listing):
            flagged = FLAGGED.fullmatch(line)
            name = flagged.group(1) if flagged and not images.holds(line) else line
            name = name.removeprefix("./")
            if name.startswith("/") or ".." in name.split("/"):
                log.add("missing image", listing, number, f"{name} lies outside of {images.folder}")
                continue
            path = images.path(name)
            name = path.relative_to(images.folder).with_suffix("").as_posix() if images.holds(name) else name
            if name in found:
                log.add("duplicated id", listing, number, f"{name} is listed twice")
                continue
            found[name] = VOCEntry(path, in_either_capitals(self.annotations / f"{name}.xml"))
        return found


class SplitFolders:
    """A folder for each split, annotations beside the images or in a folder of their own, as Roboflow and labelImg
    write them.
    """

    def __init__(self, root: Path) -> None:
        self.root = self.annotations = root

    def listing(self, split: str, name: str) -> Path:
        """The folder of a split: the one of that name, or of a usual one. DataError with the folders that exist."""
        present = {path.name.lower(): path for path in sorted(self.root.iterdir()) if path.is_dir()}
        for candidate in (name, *NAMES.get(split, ())):
            if candidate.lower() in present:
                return present[candidate.lower()]
        listed = ", ".join(path.name for path in present.values()) or "none"
        raise DataError(
            f"{self.root}: no folder of the {split} split; folders there: {listed}; write data.{split}=NAME"
        )

    def entries(self, listing: Path, log: ProblemLog) -> dict[str, VOCEntry]:
        """Every image of a folder, by name."""
        inner = listing / "images"
        folder = inner if inner.is_dir() else listing
        aside = next((listing / name for name in XML_FOLDERS if (listing / name).is_dir()), None)
        xml_folder = folder if aside is None else aside
        return {
            name: VOCEntry(path, in_either_capitals(xml_folder / f"{name}.xml"))
            for name, path in ImageFolder(folder).by_stem().items()
        }


def layout_of(root: Path) -> Devkit | SplitFolders:
    """How a folder is laid out. DataError where there is no such folder."""
    require_folder(root, "a Pascal VOC folder with Annotations, JPEGImages and ImageSets/Main, or one folder a split")
    return SplitFolders(root) if is_split_folders(root) else Devkit(root)


def is_split_folders(root: Path) -> bool:
    """Whether there is no devkit, but a folder for training with annotations in it."""
    if (root / "ImageSets").is_dir() or not root.is_dir():
        return False
    names = {name.lower() for name in NAMES["train"]}
    folders = [path for path in root.iterdir() if path.is_dir() and path.name.lower() in names]
    places = [place for folder in folders for place in (folder, *(folder / name for name in XML_FOLDERS))]
    return any(path.suffix.lower() == ".xml" for place in places if place.is_dir() for path in place.iterdir())


class ImageFolder:
    """Finds images by name, whatever their ending and its capitals."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._by_name: dict[str, Path] = {}
        for path in sorted(folder.rglob("*"), key=_by_ending) if folder.is_dir() else ():
            if path.suffix.lower() in IMAGE_ENDINGS:
                inner = path.relative_to(folder)
                self._by_name.setdefault(inner.with_suffix("").as_posix(), path)
                self._by_name.setdefault(inner.as_posix(), path)

    def holds(self, name: str) -> bool:
        """Whether there is an image of that name, with or without its ending."""
        return name in self._by_name

    def path(self, name: str) -> Path:
        """The image of that name; the .jpg path where there is none."""
        return self._by_name.get(name, self.folder / f"{name}.jpg")

    def by_stem(self) -> Mapping[str, Path]:
        """All images by their names without an ending, in alphabetical order."""
        found = {path.relative_to(self.folder).with_suffix("").as_posix(): path for path in self._by_name.values()}
        return {name: self._by_name[name] for name in sorted(found)}


def _by_ending(path: Path) -> tuple[int, Path]:
    ending = path.suffix.lower()
    return IMAGE_ENDINGS.index(ending) if ending in IMAGE_ENDINGS else len(IMAGE_ENDINGS), path
