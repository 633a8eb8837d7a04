"""Small real pictures: crops of the photographs that scikit-image carries."""

from pathlib import Path

import numpy as np
from PIL import Image

PICTURES = ("astronaut", "coffee", "chelsea", "rocket")


def tiles(count: int, height: int = 28, width: int = 28, picture: str | None = None) -> list[np.ndarray]:
    """(H, W, 3) uint8 crops of scikit-image's photographs, all different, the same ones every time."""
    from skimage import data

    sources = [getattr(data, name)() for name in ([picture] if picture else PICTURES)]
    rng = np.random.default_rng(0)
    found = []
    for index in range(count):
        source = Image.fromarray(sources[index % len(sources)])
        side = int(rng.integers(1, 1 + min(4, source.width // width, source.height // height)))
        x = int(rng.integers(0, source.width - side * width + 1))
        y = int(rng.integers(0, source.height - side * height + 1))
        crop = source.crop((x, y, x + side * width, y + side * height))
        found.append(np.asarray(crop.resize((width, height), Image.Resampling.LANCZOS)))
    return found


def save_tiles(folder: Path, pictures: list[np.ndarray]) -> Path:
    """One PNG file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, picture in enumerate(pictures):
        Image.fromarray(picture).save(folder / f"{index:03d}.png")
    return folder
