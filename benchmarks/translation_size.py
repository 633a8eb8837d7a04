"""Large pictures through a translator: tiles against the whole, memory, and the seam of a texture that wraps around.

    python benchmarks/translation_size.py RUN     # of --recipe paired or unpaired, with the default network

A picture of 1024 x 1024 pixels is translated whole and in tiles; one of 2048 x 2048 in a process of its own, whose
memory is read at its peak; and one that goes on at its opposite borders with wrapped borders: at the seam its answer
must change as much from pixel to pixel where the same content lies inside.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from gansmith.networks.translated import Translator

RESULT = Path(__file__).parent / "results" / "translation_size.json"


def picture(side: int, channels: int) -> np.ndarray:
    """(side, side, channels) uint8: soft blots with outlines, that go on at the opposite border."""
    from scipy.ndimage import gaussian_filter

    field = gaussian_filter(np.random.default_rng(0).normal(size=(side, side)), 12, mode="wrap")
    field /= field.std()
    lines = np.abs(field) < 0.12
    return np.repeat(np.where(lines, 0, 255).astype(np.uint8)[..., None], channels, -1)


def seam(made: np.ndarray, elsewhere: np.ndarray) -> dict[str, float]:
    """The mean change from pixel to pixel across the seams, over that of the same content where it lies inside.

    Args:
        made: the answer.
        elsewhere: the answer to the given picture shifted around by half its side, shifted back.
    """
    found = {}
    for name, axis in (("rows", 0), ("columns", 1)):
        across = [np.abs(np.take(x, [0], axis) - np.take(x, [-1], axis)).mean() for x in (made, elsewhere)]
        found[name] = float(across[0] / across[1])
    return found


def seams(translator: Translator, side: int, seed: int) -> dict[str, float]:
    """Of one answer, with wrapped borders and, beside it, with plain ones."""
    given, half = picture(side, translator.channels("a-to-b")[0]), side // 2
    inside = np.roll(translator.translate(np.roll(given, half, (0, 1)), seed=seed, wrap=(True, True)), half, (0, 1))
    answers = {
        "": translator.translate(given, seed=seed, wrap=(True, True)),
        "_unwrapped": translator.translate(given, seed=seed),
    }
    return {
        f"{name}{end}": value
        for end, made in answers.items()
        for name, value in seam(made.astype(float), inside.astype(float)).items()
    }


def large(run: str, side: int) -> None:
    """In a process of its own: seconds, and the memory that translating took beyond what was there."""
    translator = Translator.from_pretrained(run)
    given = picture(side, translator.channels("a-to-b")[0])
    translator.translate(given[:64, :64])
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    translator.translate(given)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = time.perf_counter() - began
    print(
        json.dumps(
            {"side": side, "seconds": round(seconds, 1), "peak_mb": peak // 1024, "grown_mb": (peak - before) // 1024}
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("run")
    parser.add_argument("--side", type=int, help="one large picture only, for its memory")
    asked = parser.parse_args()
    if asked.side:
        large(asked.run, asked.side)
        return
    translator = Translator.from_pretrained(asked.run)
    given = picture(1024, translator.channels("a-to-b")[0])
    whole, tiled = (translator.translate(given, whole=size) for size in (10**9, 384**2))
    result = {"tiles": {"side": 1024, "largest_difference": int(np.abs(whole.astype(int) - tiled).max())}}
    result["seams"] = [seams(translator, 512, seed) for seed in range(5)]
    words = [sys.executable, __file__, asked.run, "--side", "2048"]
    result["memory"] = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
