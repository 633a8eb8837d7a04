"""Surfaces for virtual worlds: a texture that is tiled without a seam, and a panorama that closes, out of a sketch.

    python examples/textures.py OUT             # 10 minutes
    python examples/textures.py OUT --small     # seconds: that everything is in its place

From a photograph of a texture come pairs: a sketch of a few grey levels, and the texture. New sketches that go on at
their opposite borders are then translated with borders that wrap around (``gansmith translate --wrap``), and the change
from pixel to pixel across the seam is compared with that of the same content where it lies inside.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from gansmith.networks.translated import Translator
from gansmith.recipes.training import Request, train

SIDE, STRIDE, LEVELS, SOFT = 64, 12, 5, 3.0


def sketch(grey: np.ndarray) -> np.ndarray:
    """(H, W) float -> (H, W) uint8 of a few levels."""
    ranks = np.argsort(np.argsort(grey, axis=None)).reshape(grey.shape) / grey.size
    return (np.floor(ranks * LEVELS) * 255 / (LEVELS - 1)).astype(np.uint8)


def write(place: Path, stride: int) -> None:
    """``sketches`` and ``textures``, crops of one photograph."""
    from skimage import data

    photograph = data.immunohistochemistry()
    drawn = sketch(gaussian_filter(photograph.mean(2), SOFT))
    for top in range(0, photograph.shape[0] - SIDE + 1, stride):
        for left in range(0, photograph.shape[1] - SIDE + 1, stride):
            box = slice(top, top + SIDE), slice(left, left + SIDE)
            for name, picture in (("sketches", drawn[box]), ("textures", photograph[box])):
                path = place / name / f"{top:03d}-{left:03d}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(picture).save(path)


def new_sketch(height: int, width: int, seed: int, wrap: tuple[bool, bool]) -> np.ndarray:
    """(height, width, 1) uint8 that goes on at the borders that wrap."""
    modes = ["wrap" if side else "nearest" for side in wrap]
    noise = np.random.default_rng(seed).normal(size=(height, width))
    return sketch(gaussian_filter(noise, SOFT, mode=modes))[..., None]


def seam(translator: Translator, given: np.ndarray, wrap: tuple[bool, bool], axis: int) -> float:
    """The change across the seam over that of the same content inside, 1 where no seam can be seen."""
    made = translator.translate(given, wrap=wrap).astype(float)
    half = given.shape[axis] // 2
    inside = np.roll(translator.translate(np.roll(given, half, axis), wrap=wrap).astype(float), half, axis)
    ours, theirs = (np.abs(np.take(x, 0, axis) - np.take(x, -1, axis)).mean() for x in (made, inside))
    return float(ours / theirs)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--small", action="store_true")
    asked = parser.parse_args()
    if not (asked.out / "sketches").exists():
        write(asked.out, 48 if asked.small else STRIDE)
    budget = {"images": 256, "score": False} if asked.small else {"minutes": asked.minutes}
    run = asked.out / "run"
    sketches, textures = (str(asked.out / name) for name in ("sketches", "textures"))
    train(Request(data=sketches, data_b=textures, recipe="paired", out=run, **budget))
    translator = Translator.from_pretrained(run)
    tile = new_sketch(256, 256, 0, (True, True))
    panorama = new_sketch(192, 768, 1, (False, True))
    Image.fromarray(np.tile(translator.translate(tile, wrap=(True, True)), (2, 2, 1))).save(asked.out / "tiled.png")
    Image.fromarray(translator.translate(panorama, wrap=(False, True))).save(asked.out / "panorama.png")
    seams = {
        f"tile_{name}": seam(translator, tile, (True, True), axis) for axis, name in enumerate(("rows", "columns"))
    }
    seams["panorama_columns"] = seam(translator, panorama, (False, True), 1)
    (asked.out / "result.json").write_text(json.dumps(seams, indent=1) + "\n")
    print(json.dumps(seams, indent=1))


if __name__ == "__main__":
    main()
