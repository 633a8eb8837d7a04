"""Making one prepared set in an empty folder: stream the pictures, find duplicates, split, write down."""

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gansmith.core.errors import InputError
from gansmith.core.files import write_json, write_text
from gansmith.core.progress import Progress
from gansmith.data.collection import Collection, RefusedError
from gansmith.data.duplicates import Duplicates, find_duplicates
from gansmith.data.plan import Plan
from gansmith.data.rows import RowFile, keep_first_channel
from gansmith.data.split import split_rows

FEWEST, TELL_EVERY = 8, 16
LOOK_SECONDS, WORTH_SAYING_SECONDS = 2.0, 5.0


def enough(good: int, set_aside: int, name: str) -> None:
    """Refuse what nobody can train on.

    Raises: InputError: fewer than 8 good images.
    """
    if good < FEWEST:
        aside = f" ({set_aside:,} set aside)" if set_aside else ""
        found = f"holds {good} good image{'s' * (good != 1)}" if good else "holds no image that can be used"
        raise InputError(f"{name} {found}{aside}; at least {FEWEST} are needed, and a few hundred to learn from")


def make(folder: Path, collection: Collection, plan: Plan, progress: Progress) -> None:
    """Fill ``folder`` with images.npy, keys.npy, labels.npy, one .npy a split, names.txt and report.json.

    Memory: a batch of pictures and about a kilobyte a picture.
    Raises: InputError: fewer than 8 pictures could be decoded.
    """
    kept, failures = write_images(folder, collection, plan, progress)
    enough(len(kept), len(collection.set_aside) + len(failures), collection.name)
    if plan.channels == 3 and is_grey(folder / "images.npy"):
        keep_first_channel(folder / "images.npy")
    images, keys = np.load(folder / "images.npy", mmap_mode="r"), np.load(folder / "keys.npy")
    found = find_duplicates(images[..., collection.alike_by], keys, progress)
    brought = [collection.brought[i] for i in kept] if collection.brought is not None else None
    splits = split_rows(keys, found.representative, brought)
    for name, rows in splits.items():
        np.save(folder / f"{name}.npy", rows)
    classes = write_labels(folder, collection, kept)
    write_text(folder / "names.txt", "".join(collection.names[i].replace("\n", " ") + "\n" for i in kept))
    write_json(folder / "report.json", {"failures": failures, "classes": classes, **duplicate_facts(found, splits)})


def write_labels(folder: Path, collection: Collection, kept: list[int]) -> list[str]:
    """Write labels.npy where there are labels; the classes of which a picture is left."""
    if collection.labels is None:
        return []
    labels = [collection.labels[i] for i in kept]
    left = set(labels)
    classes = [name for name in collection.classes if name in left]
    position = {name: i for i, name in enumerate(classes)}
    np.save(folder / "labels.npy", np.array([position[label] for label in labels], np.int64))
    return classes


def write_images(
    folder: Path, collection: Collection, plan: Plan, progress: Progress
) -> tuple[list[int], dict[str, str]]:
    """Stream all pictures to images.npy, their hashes to keys.npy, and attributes where known.

    Returns: positions in the collection that were kept; position -> reason for those that were not.
    """
    kept: list[int] = []
    keys: list[bytes] = []
    failures: dict[str, str] = {}
    with RowFile(folder / "images.npy", plan.shape) as rows:
        for position, picture in enumerate(told(collection, plan, progress)):
            if isinstance(picture, RefusedError):
                failures[str(position)] = str(picture)
                continue
            rows.append(picture)
            told_by = np.ascontiguousarray(picture[..., collection.alike_by])
            keys.append(hashlib.blake2b(told_by.data, digest_size=16).digest())
            kept.append(position)
    np.save(folder / "keys.npy", np.frombuffer(b"".join(keys), np.uint8).reshape(-1, 16))
    if collection.attributes is not None:
        lines = (json.dumps(collection.attributes[position]) + "\n" for position in kept)
        write_text(folder / "attributes.jsonl", "".join(lines))
    return kept, failures


def told(collection: Collection, plan: Plan, progress: Progress) -> Iterator[np.ndarray | RefusedError]:
    """The pictures, with a bar, and once the pace is known an estimate in words where it is long."""
    total, started, said = len(collection), 0.0, False
    progress.start(f"preparing {total:,} images", total)
    for done, picture in enumerate(collection.pictures(plan, progress)):
        yield picture
        if done % TELL_EVERY == TELL_EVERY - 1:
            progress.advance(done + 1)
        started = started or time.monotonic()  # from the first picture on: opening files and libraries is no pace
        if done and not said and (spent := time.monotonic() - started) > LOOK_SECONDS:
            said, left = True, spent / done * (total - done - 1)
            if left > WORTH_SAYING_SECONDS:
                progress.message(f"preparing {total:,} images takes about {spent + left:.0f} s; it is done once")
    progress.advance(total)
    progress.finish()


def is_grey(path: Path) -> bool:
    """Whether all RGB pictures of the file have equal channels."""
    images = np.load(path, mmap_mode="r")
    batches = (images[start : start + 256] for start in range(0, len(images), 256))
    return all((b[..., 0] == b[..., 1]).all() and (b[..., 0] == b[..., 2]).all() for b in batches)


def duplicate_facts(found: Duplicates, splits: dict[str, np.ndarray]) -> dict:
    """Counts for the report; a leak is a training picture whose group has a member in the test split."""
    test = np.unique(found.representative[splits["test"]])
    leaks = int(np.isin(found.representative[splits["train"]], test).sum())
    return {
        "duplicates": found.exact,
        "near_duplicates": found.near,
        "large_near_groups": found.broken_up,
        "train_like_test": leaks,
    }
