"""A stain made from another: one histology photograph, split down its middle, colour deconvolution as the truth.

    python examples/stains.py OUT             # 10 minutes
    python examples/stains.py OUT --small     # seconds: that everything is in its place

What is given is the haematoxylin channel alone (Ruifrok and Johnston 2001, as in scikit-image), in grey; the truth is
the photograph with both of its stains. Training sees the left part, the test the right part, with a gap between.

This is a demonstration, not evidence: one photograph of one tissue says nothing about another. Where the pictures are
of people, an audit of what a model has kept of them belongs beside it before it is shared.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from gansmith.recipes.training import Request, train

SIDE, STRIDE = 64, 12
TRAIN_TO, TEST_FROM = 352, 416


def write(place: Path, stride: int) -> None:
    """``given`` and ``stained`` with train and test within."""
    from skimage import data
    from skimage.color import rgb2hed

    photograph = data.immunohistochemistry()
    channel = rgb2hed(photograph)[..., 0]
    low, high = np.quantile(channel, [0.001, 0.999])
    grey = (255 * (1 - np.clip((channel - low) / (high - low), 0, 1))).astype(np.uint8)
    height, width = grey.shape
    for part, left, right, step in (("train", 0, TRAIN_TO, stride), ("test", TEST_FROM, width, SIDE // 2)):
        for top in range(0, height - SIDE + 1, step):
            for x in range(left, right - SIDE + 1, step):
                box = slice(top, top + SIDE), slice(x, x + SIDE)
                for name, picture in (("given", grey[box]), ("stained", photograph[box])):
                    path = place / name / part / f"{top:03d}-{x:03d}.png"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    Image.fromarray(picture).save(path)
    place.joinpath("whole").mkdir(exist_ok=True)
    Image.fromarray(grey).save(place / "whole" / "given.png")
    Image.fromarray(photograph).save(place / "whole" / "truth.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--small", action="store_true")
    asked = parser.parse_args()
    if not (asked.out / "whole").exists():
        write(asked.out, 48 if asked.small else STRIDE)
    budget = {"images": 256, "score": False} if asked.small else {"minutes": asked.minutes}
    run = asked.out / "run"
    train(Request(data=str(asked.out / "given"), data_b=str(asked.out / "stained"), recipe="paired", out=run, **budget))
    print(f"gansmith translate {run} {asked.out / 'whole' / 'given.png'}    # the whole photograph, in tiles")


if __name__ == "__main__":
    main()
