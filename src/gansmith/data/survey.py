"""A first look at every file: its content hash and what its header says, remembered while it is unchanged."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass

import numpy as np
from PIL import Image

from gansmith.core.pool import in_order
from gansmith.core.progress import Progress
from gansmith.data.collection import RefusedError, UnreadableError
from gansmith.data.decode import WIDE_MODES, damaged, open_image
from gansmith.data.file import File
from gansmith.data.seen import Seen, content_hash

ORIENTATION = 0x0112


@dataclass(frozen=True)
class Look:
    """What the header of a good file says.

    Attributes:
        key: content hash.
        width, height: pixels, as shown (EXIF orientation applied).
        mode: the Pillow mode, where transparency that is kept beside the pixels counts as alpha.
        animated, turned: has more frames; is shown turned or mirrored.
        peak: the brightest value of a wide grey file, else 0.
    """

    key: str
    width: int
    height: int
    mode: str
    animated: bool
    turned: bool
    peak: int


def look(file: File) -> Look | RefusedError:
    """Read one file and its header; a reason where it is no good."""
    try:
        content = file.read()
        image = open_image(content)
        turn = orientation(image)
        width, height = image.size if turn < 5 else image.size[::-1]
        animated = image.format != "MPO" and bool(getattr(image, "is_animated", False))
        mode = effective_mode(image)
        return Look(content_hash(content), width, height, mode, animated, turn > 1, peak(image))
    except RefusedError as error:
        return error
    except Exception as error:
        return damaged(error)


def orientation(image: Image.Image) -> int:
    """1 to 8, as EXIF counts; 1 where nothing valid is said."""
    said = image.getexif().get(ORIENTATION, 1)
    return said if isinstance(said, int) and 1 <= said <= 8 else 1


def effective_mode(image: Image.Image) -> str:
    """The mode, with a transparent colour counted as alpha."""
    if not image.has_transparency_data:
        return image.mode
    return {"1": "LA", "L": "LA", "P": "PA", "RGB": "RGBA"}.get(image.mode, image.mode)


def peak(image: Image.Image) -> int:
    """The brightest value of a picture of wide integers, which takes decoding it; 0 for others."""
    return int(np.asarray(image).max()) if image.mode in WIDE_MODES else 0


def survey(files: list[File], seen: Seen, progress: Progress) -> Iterator[tuple[File, Look | RefusedError]]:
    """Look at all files in order; only those that changed are read."""
    remembered = [recall(seen.get(file.name, file.stamp)) for file in files]
    unread = [file for file, known in zip(files, remembered) if known is None]
    looks = in_order(look, unread)
    if unread:
        progress.start(f"looking at {len(unread):,} files", len(unread))
    done = 0
    for file, known in zip(files, remembered):
        if known is None:
            known = next(looks)
            if not isinstance(known, UnreadableError):
                seen.put(file.name, file.stamp, record_of(known))
            done += 1
            progress.advance(done)
        yield file, known
    if unread:
        progress.finish()


def record_of(found: Look | RefusedError) -> list | str:
    """What is remembered of a file, for ``recall``."""
    return str(found) if isinstance(found, RefusedError) else list(astuple(found))


def recall(record: object) -> Look | RefusedError | None:
    """What was remembered: a row for a good file, a reason for another, None for nothing."""
    if isinstance(record, str):
        return RefusedError(record)
    return Look(*record) if isinstance(record, list) else None
