"""The unpacked npm package emoji-datasource-google: where its pictures are and what they show."""

import json
from functools import partial
from pathlib import Path

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.data.file import File, sort_out
from gansmith.data.folder import read_file
from gansmith.data.layout import Layout
from gansmith.data.pictures import Pictures, collect

LIST, FOLDER = "emoji.json", Path("img") / "google" / "64"
NOT_SHOWN = "Component"


def is_emoji_package(place: Path) -> bool:
    """Whether a folder is that package."""
    return (place / LIST).is_file() and (place / FOLDER).is_dir()


def emoji_package(place: Path, progress: Progress) -> Pictures:
    """1,906 emoji without skin tones; the category is the class.

    Raises: InputError: the package's list is damaged.
    """
    try:
        entries = json.loads((place / LIST).read_text(encoding="utf-8"))
        shown = [e for e in entries if e["has_img_google"] and e["category"] != NOT_SHOWN]
        category = {entry["image"]: entry["category"] for entry in shown}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{place / LIST} cannot be read ({error}); fetch the package again") from error
    files, aside = [], []
    for name in category:
        path = place / FOLDER / Path(name).name
        if path.is_file():
            status = path.stat()
            files.append(File(name, (status.st_size, status.st_mtime_ns), partial(read_file, str(path))))
        else:
            aside.append((name, f"listed in {LIST}, not there"))

    def layout(names: list[str]) -> Layout:
        return Layout([category[name] for name in names], None, ["emoji without skin tones; the category is the class"])

    return collect(sort_out(files, aside), place, "emoji", layout, progress)
