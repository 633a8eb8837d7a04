"""What the user named, opened: a built-in name, a path, or ``hf:NAME``."""

import difflib
import zipfile
from pathlib import Path

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.data.archive import zip_files
from gansmith.data.collection import Collection
from gansmith.data.emoji_package import emoji_package, is_emoji_package
from gansmith.data.folder import folder_files
from gansmith.data.idx import idx_collection, image_files, is_idx
from gansmith.data.pictures import pictures_in
from gansmith.data.sources import SOURCES

HUB = "hf:"


def open_collection(source: str, progress: Progress) -> Collection:
    """Look at what is there, without decoding it. A built-in name comes before a folder: write ./NAME for that.

    Raises: InputError: no such path or name, with the nearest name; or nothing that could hold images.
    """
    if source.startswith(HUB):
        from gansmith.data.hub import hub_collection

        return hub_collection(source.removeprefix(HUB), progress)
    if source in SOURCES.names:
        if Path(source).exists():
            progress.message(f"{source} is the built-in data set; write ./{source} for the folder")
        return SOURCES.get(source)(progress)
    place = Path(source).expanduser()
    if not source.strip() or not place.exists():
        raise InputError(unknown(source))
    return open_path(place, progress)


def open_path(place: Path, progress: Progress) -> Collection:
    """A folder, a zip, or IDX files.

    Raises: InputError: none of these.
    """
    name = place.resolve().name or "images"
    if place.is_dir():
        if image_files(place):
            return idx_collection(place, name)
        if is_emoji_package(place):
            return emoji_package(place, progress)
        return pictures_in(folder_files(place), place, name, progress)
    if not place.is_file():
        raise InputError(f"{place} is neither a file nor a folder; name a folder of images, a zip or IDX files")
    if zipfile.is_zipfile(place):
        return pictures_in(zip_files(place), place, place.stem, progress)
    if is_idx(place):
        return idx_collection(place, name)
    raise InputError(f"{place} is a single file and neither a zip nor IDX; name the folder that holds the images")


def unknown(source: str) -> str:
    """The message for what is neither a path nor a name."""
    near = difflib.get_close_matches(source.lower(), SOURCES.names, 1)
    hint = f"did you mean {near[0]}?" if near else f"name a folder, a zip, or one of {', '.join(SOURCES.names)}"
    return f"there is nothing at {source!r}; {hint}"
