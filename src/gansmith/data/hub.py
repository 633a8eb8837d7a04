"""Data sets of the Hugging Face hub, through the extra ``hub``; only what an image column holds is used."""

import re
from pathlib import Path
from typing import Any

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.data.collection import RefusedError
from gansmith.data.file import File, Found
from gansmith.data.folder import read_file
from gansmith.data.layout import SPLIT_FOLDERS, Layout
from gansmith.data.pictures import Pictures, collect


def hub_collection(name: str, progress: Progress) -> Pictures:
    """``NAME`` or ``NAME@REVISION``: every split, the first image column, the first class column.

    Raises: InputError: the extra is missing, there is no such data set, or it holds no images.
    """
    repository, _, revision = name.partition("@")
    splits = load_splits(repository, revision, progress)
    files: list[File] = []
    labels: list[str | None] = []
    brought: list[str | None] = []
    for split, rows in splits.items():
        rows, texts = image_rows(rows, name)
        files += [row_file(rows, f"{split}/{number:08d}", number) for number in range(len(rows))]
        brought += [SPLIT_FOLDERS.get(split.lower(), "train")] * len(rows)
        labels += texts or [None] * len(rows)
    place = {file.name: row for row, file in enumerate(files)}

    def layout(names: list[str]) -> Layout:
        mine = [labels[place[name]] for name in names]
        kinds = [brought[place[name]] for name in names]
        known = [label for label in mine if label is not None]
        return Layout(known if len(known) == len(mine) else None, kinds if {*kinds} - {"train"} else None, [])

    short = re.split(r"[/\\]", repository.rstrip("/"))[-1]
    return collect(Found(files, [], []), Path(f"hf:{name}"), short, layout, progress)


def load_splits(repository: str, revision: str, progress: Progress) -> dict[str, Any]:
    """Split name -> rows, downloaded by the datasets package.

    Raises: InputError: see hub_collection.
    """
    try:
        import datasets
    except ImportError as error:
        raise InputError("hf: names need one more package; install it: pip install 'gansmith[hub]'") from error
    progress.message(f"fetching {repository} from the hub, once")
    try:
        return dict(datasets.load_dataset(repository, revision=revision or None))
    except Exception as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        fix = "check the name, or download it and give the folder"
        raise InputError(f"hf:{repository} cannot be loaded ({said}); {fix}") from error


def image_rows(rows: Any, name: str) -> tuple[Any, list[str] | None]:
    """The image column alone, undecoded and called ``image``, and the class of each row where there is one.

    Raises: InputError: no column holds images.
    """
    import datasets

    image = next((column for column, kind in rows.features.items() if isinstance(kind, datasets.Image)), None)
    if image is None:
        raise InputError(f"hf:{name} has no image column; choose a data set of images")
    label = next((column for column, kind in rows.features.items() if isinstance(kind, datasets.ClassLabel)), None)
    texts = [rows.features[label].int2str(number) for number in rows[label]] if label else None
    only = rows.select_columns([image]).cast_column(image, datasets.Image(decode=False))
    return (only if image == "image" else only.rename_column(image, "image")), texts


def row_file(rows: Any, name: str, number: int) -> File:
    """One row as a file; unchanged while the fingerprint of its table is."""

    def read() -> bytes:
        held = rows[number]["image"]
        if held is None:
            raise RefusedError("no image in this row")
        return held["bytes"] if held["bytes"] is not None else read_file(held["path"])

    return File(name, (number, int(getattr(rows, "_fingerprint", None) or "0", 16)), read)
