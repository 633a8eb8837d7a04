"""Labels and splits from where files lie: class folders, and folders named after splits."""

from dataclasses import dataclass
from pathlib import PurePosixPath

SPLIT_FOLDERS = {
    "train": "train", "training": "train",
    "val": "choose", "valid": "choose", "validation": "choose",
    "test": "test", "testing": "test",
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """What the names say.

    Attributes:
        labels: one a file, or None.
        brought: the split of each file, or None.
        rules: in words.
    """

    labels: list[str] | None
    brought: list[str | None] | None
    rules: list[str]


def read_layout(names: list[str]) -> Layout:
    """Read labels and splits off the paths of the good files.

    A single folder that holds everything is passed through. Then ``train`` with ``test`` or ``val``
    are splits, when there is nothing beside them. Then two or more folders are classes, when every
    file lies in one.

    >>> read_layout(["data/cat/1.png", "data/dog/1.png"]).labels
    ['cat', 'dog']
    """
    paths = within([PurePosixPath(name).parts for name in names])
    tops = {parts[0] for parts in paths if len(parts) > 1}
    splits = None
    rules = []
    if all(len(parts) > 1 for parts in paths) and is_split(tops):
        splits = [SPLIT_FOLDERS[parts[0].lower()] for parts in paths]
        paths = within([parts[1:] for parts in paths])
        rules.append(f"the folders {', '.join(sorted(tops))} are the splits")
    labels = None
    if all(len(parts) > 1 for parts in paths) and len({parts[0] for parts in paths}) > 1:
        labels = [parts[0] for parts in paths]
        rules.append(f"the {len(set(labels))} sub-folders are the classes")
    return Layout(labels, list(splits) if splits else None, rules)


def within(paths: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Pass through folders that hold all the others."""
    while paths and all(len(parts) > 1 for parts in paths) and len({parts[0] for parts in paths}) == 1:
        paths = [parts[1:] for parts in paths]
    return paths


def is_split(tops: set[str]) -> bool:
    """Whether folders are splits: all of them have such names, one is for training, another is not."""
    kinds = {SPLIT_FOLDERS.get(top.lower()) for top in tops}
    return "train" in kinds and len(kinds) > 1 and None not in kinds
