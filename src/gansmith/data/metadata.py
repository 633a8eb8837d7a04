"""Labels and splits from ``metadata.csv``: the columns file_name, and if wanted label and split."""

import csv
import io
from pathlib import PurePosixPath

from gansmith.core.errors import InputError
from gansmith.data.collection import RefusedError
from gansmith.data.file import File, Found
from gansmith.data.layout import SPLIT_FOLDERS, Layout

COLUMNS = ("file_name", "label", "split")


def read_metadata(found: Found) -> tuple[Found, dict[str, dict[str, str]]]:
    """Keep the files that are listed; set the others aside.

    Returns: the same, with ``files`` cut down, and for each kept name its row.
    Raises: InputError: no column file_name, not text, or an unknown split.
    """
    rows: dict[str, dict[str, str]] = {}
    aside = list(found.set_aside)
    known = {file.name for file in found.files} | {name for name, _ in aside}
    for file in found.metadata:
        for row in csv_rows(file):
            path = PurePosixPath(file.name).parent / row["file_name"]
            name = str(path)
            if path.is_absolute() or ".." in path.parts or name not in known:
                out = path.is_absolute() or ".." in path.parts
                aside.append((row["file_name"], f"listed in {file.name}, {'outside the data' if out else 'not there'}"))
            elif rows.setdefault(name, row) != row:
                raise InputError(f"{file.name} lists {row['file_name']} twice with different values; keep one of them")
    labelled = any(row.get("label") for row in rows.values())
    for file in found.files:
        if file.name not in rows:
            aside.append((file.name, "not listed in metadata.csv"))
        elif labelled and not rows[file.name].get("label"):
            aside.append((file.name, "no label in metadata.csv"))
            del rows[file.name]
    return Found([file for file in found.files if file.name in rows], found.metadata, sorted(aside)), rows


def csv_rows(file: File) -> list[dict[str, str]]:
    """The rows of one metadata.csv, without the columns that nobody asked for.

    Raises: InputError: see read_metadata.
    """
    try:
        text = file.read().decode("utf-8-sig")
        lines = csv.DictReader(io.StringIO(text), strict=True)
        header = [name.strip() for name in lines.fieldnames or []]
        lines.fieldnames = header
        if "file_name" not in header:
            raise InputError(f"{file.name} has no column file_name; its first line must name file_name,label")
        rows = [{c: (row.get(c) or "").strip() for c in COLUMNS if c in header} for row in lines]
    except (UnicodeDecodeError, csv.Error, RefusedError) as error:
        raise InputError(f"{file.name} cannot be read as UTF-8 CSV ({error}); save it again") from error
    for row in rows:
        if row.get("split") and row["split"].lower() not in SPLIT_FOLDERS:
            raise InputError(f"{file.name} names the split {row['split']!r}; use train, val or test")
    return [row for row in rows if row["file_name"]]


def layout_of(names: list[str], rows: dict[str, dict[str, str]]) -> Layout:
    """The labels and splits of the good files."""
    labels = [rows[name].get("label", "") for name in names]
    splits = [SPLIT_FOLDERS.get(rows[name].get("split", "").lower()) for name in names]
    rules = ["labels and splits are those of metadata.csv"]
    return Layout(labels if any(labels) else None, splits if any(splits) else None, rules)
