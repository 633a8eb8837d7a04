"""The data that time to quality is measured on, as folders where no built-in name has them in this shape.

- ``emoji``: the 1,906 Noto emoji without skin tones at 64 px; those of one base code point go together, by its hash
  30 % of them into the test split.
- ``few``: 300 drawings of one avatar style to train on, 5,000 fresh ones as the test split, 5,000 more for the floor.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from gansmith.core.files import remove_tree
from gansmith.core.progress import Progress
from gansmith.data.drawing import render
from gansmith.data.sources.emoji import emoji

HELD_OUT, FEW, FRESH, STYLE = 0.3, 300, 5000, "notionists"


def emoji_folder(root: Path) -> Path:
    """train and test, made once."""

    def pictures() -> Iterable[tuple[str, bytes]]:
        for file in emoji(Progress()).files:
            base = Path(file.name).name.split("-")[0].split(".")[0]
            share = int(hashlib.sha256(base.encode()).hexdigest()[:8], 16) / 16**8
            yield f"{'test' if share < HELD_OUT else 'train'}/{Path(file.name).name}", file.read()

    return _made(root / "emoji", pictures())


def few_folder(root: Path) -> Path:
    """300 in train, 5,000 in test, made once."""
    return _made(root / "few", [*_drawings("train", FEW), *_drawings("test", FRESH)])


def few_floor(root: Path) -> Path:
    """5,000 further drawings of the same style."""
    return _made(root / "few-floor", _drawings("floor", FRESH))


def _drawings(part: str, count: int) -> list[tuple[str, bytes]]:
    pictures, _ = render(STYLE, [f"few-{part}-{number}" for number in range(count)])
    return [(f"{part}/{number:05d}.png", _png(picture)) for number, picture in enumerate(pictures)]


def _png(picture: np.ndarray) -> bytes:
    import io

    packed = io.BytesIO()
    Image.fromarray(picture).save(packed, "PNG")
    return packed.getvalue()


def _made(place: Path, files: Iterable[tuple[str, bytes]]) -> Path:
    """The folder, whole or absent."""
    if place.exists():
        return place
    begun = place.with_name(f".{place.name}")
    remove_tree(begun)
    for name, content in files:
        path = begun / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    begun.rename(place)
    return place
