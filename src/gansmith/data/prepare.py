"""From what the user named to a prepared set: made once, then found again by its content."""

import os
import re
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gansmith.core.files import read_json
from gansmith.core.progress import Progress
from gansmith.data import cache
from gansmith.data.collection import SPLITS, Collection
from gansmith.data.index import open_collection
from gansmith.data.making import enough, make
from gansmith.data.plan import Plan, make_plan, parse_settings
from gansmith.data.report import make_report
from gansmith.data.seen import joined_hash

VERSION = 2


@dataclass(frozen=True)
class Prepared:
    """A prepared set of pictures.

    Attributes:
        name: short, for the run folder: ``avatars``, the folder's name.
        source: what the user gave.
        images: (n, H, W, C) uint8, mapped from the disk, read-only; C is 1, 3 or 4.
        labels: (n,) int64 positions in ``classes``, or None.
        classes: the class names; [] when there are no labels.
        splits: "train", "choose", "test" -> sorted int64 rows of ``images``.
        fingerprint: changes when the content, the settings or the splits do.
        folder: the cache folder of this set; others may keep files such as features there.
        report: JSON-able; what was found and what was done, with reasons.
        attributes: JSON lines, one row a picture, where known.
    """

    name: str
    source: str
    images: np.ndarray
    labels: np.ndarray | None
    classes: list[str]
    splits: dict[str, np.ndarray]
    fingerprint: str
    folder: Path
    report: dict[str, Any]
    attributes: Path | None


def prepare(
    source: str,
    *,
    resolution: str | None = None,
    alpha: str = "composite",
    background: str = "white",
    progress: Progress | None = None,
) -> Prepared:
    """Prepare a folder, a zip, IDX files, a built-in name or ``hf:NAME``; at once when it was prepared before.

    Args:
        resolution: "64" or "WxH"; chosen from the sizes when None.
        alpha: "composite" on the background, or "keep" as a fourth channel.
        background: a colour name or #rrggbb.
    Raises:
        InputError: nothing usable, fewer than 8 good images, or a bad setting; nothing is kept.
        WorkError: the cache cannot be written.
    """
    source, listener = os.fspath(source), progress or Progress()
    settings = parse_settings(resolution, alpha, background)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Pillow mutters about single files is in the report
        collection = open_collection(source, listener)
        enough(len(collection), len(collection.set_aside), source)
        plan = make_plan(settings, collection.sizes, collection.modes, collection.facts.get("bits", 16))
        return prepared_set(collection, plan, source, listener)


def prepared_set(collection: Collection, plan: Plan, source: str, progress: Progress) -> Prepared:
    """The prepared set of an opened collection, made unless it is there.

    Raises: InputError, WorkError: as ``prepare``.
    """
    key = set_key(collection, plan)
    folder = cache.find(key, whole) or cache.build(key, lambda place: make(place, collection, plan, progress))
    collection.remember()
    return load(folder, source, collection, plan)


def set_key(collection: Collection, plan: Plan) -> str:
    """The name of a prepared set: a hash of content, labels, brought splits and all that changes the pixels."""
    how = {name: value for name, value in asdict(plan).items() if name != "reason"}
    parts = [str(VERSION), collection.key, repr(how), *collection.classes, "labels", *(collection.labels or [])]
    return joined_hash([*parts, "splits", *(brought or "" for brought in collection.brought or [])])


def whole(folder: Path) -> bool:
    """Whether a prepared set can be opened and its splits cover its pictures."""
    try:
        images = np.load(folder / "images.npy", mmap_mode="r")
        return sum(len(np.load(folder / f"{name}.npy")) for name in SPLITS) == len(images)
    except (OSError, ValueError, EOFError):
        return False


def load(folder: Path, source: str, collection: Collection, plan: Plan) -> Prepared:
    """Open a prepared set; the report is written anew, since files that are set aside may have changed."""
    images = np.load(folder / "images.npy", mmap_mode="r")
    splits = {name: np.load(folder / f"{name}.npy") for name in SPLITS}
    labels = np.load(folder / "labels.npy") if (folder / "labels.npy").exists() else None
    attributes = folder / "attributes.jsonl"
    made = read_json(folder / "report.json")
    return Prepared(
        name=re.sub(r"[^\w.-]+", "-", collection.name).strip("-.") or "images",
        source=source,
        images=images,
        labels=labels,
        classes=made["classes"],
        splits=splits,
        fingerprint=joined_hash([folder.name, *(rows.tobytes().hex() for rows in splits.values())]),
        folder=folder,
        report=make_report(source, collection, plan, images.shape, labels, splits, made),
        attributes=attributes if attributes.exists() else None,
    )
