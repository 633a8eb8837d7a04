"""What the doctor says of pictures alone: collapse, copies, missing kinds and a wrong range, beside healthy ones.

    python benchmarks/doctor_foreign.py run            # two sets of pictures to build on; cached case by case
    python benchmarks/doctor_foreign.py run --held-out # two that no line was drawn on, for the end
    python benchmarks/doctor_foreign.py table [--held-out]

Pictures of a generator that was trained elsewhere are stood in for by pictures that nobody trained on: new real ones,
as they are, blurred, noisy, compressed, fewer. Broken ones are made from them. All is compared with the training split.
"""

import argparse
import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.stats import binomtest

from doctor_grounds import GROUNDS

HERE = Path(__file__).parent
KEPT = HERE / "results" / "doctor_foreign"
SETS = {"fashion": False, "avatars": False, "mnist": True, "photographs": True}  # name -> held out
SEEDS = (0, 1, 2)
COUNT = 1000

Making = Callable[[np.ndarray, np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


def blurred(images: np.ndarray, sigma: float) -> np.ndarray:
    """Each picture by itself."""
    return gaussian_filter(images.astype(float), (0, sigma, sigma, 0)).round().astype(np.uint8)


def noisy(images: np.ndarray, deviation: float, draw: np.random.Generator) -> np.ndarray:
    """With noise on every value."""
    return (images + draw.normal(0, deviation, images.shape)).round().clip(0, 255).astype(np.uint8)


def compressed(images: np.ndarray, quality: int) -> np.ndarray:
    """Through JPEG."""

    def one(image: np.ndarray) -> np.ndarray:
        packed = io.BytesIO()
        Image.fromarray(image.squeeze() if image.shape[-1] == 1 else image).save(packed, "JPEG", quality=quality)
        return np.asarray(Image.open(packed)).reshape(image.shape)

    return np.stack([one(image) for image in images])


def few(images: np.ndarray, count: int, draw: np.random.Generator) -> np.ndarray:
    """So many of them again and again, each time a little different."""
    chosen = images[draw.permutation(len(images))[:count]]
    return noisy(chosen[draw.integers(0, count, len(images))], 4, draw)


def without(images: np.ndarray, labels: np.ndarray, share: float) -> np.ndarray:
    """None of some kinds."""
    kinds = np.unique(labels)
    kept = kinds[max(1, round(share * len(kinds))) :]
    return images[np.isin(labels, kept)]


# name -> (what is right, how it is made of (new pictures, their labels, training pictures, a generator))
HEALTHY: dict[str, Making] = {
    "new": lambda new, labels, train, draw: new,
    "half": lambda new, labels, train, draw: new[: len(new) // 2],
    "blurred": lambda new, labels, train, draw: blurred(new, 0.6),
    "noisy": lambda new, labels, train, draw: noisy(new, 8, draw),
    "compressed": lambda new, labels, train, draw: compressed(new, 80),
}
BROKEN: dict[str, tuple[tuple[str, ...], Making]] = {
    "one": (("mode-collapse",), lambda new, labels, train, draw: few(new, 1, draw)),
    "five": (("mode-collapse", "partial-collapse"), lambda new, labels, train, draw: few(new, 5, draw)),
    "fifty": (("partial-collapse",), lambda new, labels, train, draw: few(new, 50, draw)),
    "copied": (("copying",), lambda new, labels, train, draw: noisy(train[: len(new)], 4, draw)),
    "half-copied": (("copying",), lambda new, labels, train, draw: np.concatenate([train[: len(new) // 2], new[::2]])),
    "one-kind-missing": (("dropped-classes",), lambda new, labels, train, draw: without(new, labels, 0.1)),
    "half-missing": (("dropped-classes",), lambda new, labels, train, draw: without(new, labels, 0.5)),
    "half-range": (("wrong-range",), lambda new, labels, train, draw: (new // 2 + 64).astype(np.uint8)),
    "from-zero": (("wrong-range",), lambda new, labels, train, draw: (127 + new // 2).astype(np.uint8)),
}


@dataclass(frozen=True)
class Pictures:
    """Pictures as a source gives them."""

    images: np.ndarray
    path: Path = Path("pictures")
    seed: int = 0

    def take(self, n: int, seed: int, progress: Any) -> Any:
        """The first n."""
        from gansmith.recipes.evaluating.sources import Drawn

        return Drawn(self.images[:n], None)


def play(data: str, kind: str, seed: int) -> dict[str, Any]:
    """What the doctor finds in one set of pictures."""
    from gansmith.core.progress import Progress
    from gansmith.data.prepare import prepare
    from gansmith.diagnostics.examine import examine
    from gansmith.networks.extractors import available
    from gansmith.recipes.diagnosing import read_pictures

    ground = GROUNDS[data]
    assert ground.data is not None
    prepared, draw = prepare(ground.data(), resolution=ground.resolution), np.random.default_rng(seed)
    held = np.concatenate([prepared.splits[name] for name in ("choose", "test")])
    new, train = (np.sort(draw.permutation(rows)[:COUNT]) for rows in (held, prepared.splits["train"]))
    make = HEALTHY[kind] if kind in HEALTHY else BROKEN[kind][1]
    images = make(prepared.images[new], prepared.labels[new], np.asarray(prepared.images[train]), draw)
    record, _ = read_pictures(Pictures(images), prepared, "train", available(), Progress())
    found = [finding.row() for finding in examine(record).findings]
    return {"case": f"{data}-{kind}-{seed}", "rows": record.rows, "facts": record.facts, "findings": found}


def table(held_out: bool) -> str:
    """How many are named, and how many healthy ones are accused, from the stored signals."""
    from gansmith.diagnostics.examine import examine
    from gansmith.diagnostics.record import Record

    named, lines = Counter(), []
    for data, unseen in SETS.items():
        for kind in (*HEALTHY, *BROKEN):
            for seed in SEEDS:
                path = KEPT / f"{data}-{kind}-{seed}.json"
                if unseen != held_out or not path.exists():
                    continue
                kept = json.loads(path.read_text())
                found = examine(Record({}, kept["facts"], 0, kept["rows"])).findings
                act = [finding.symptom for finding in found if finding.severity == "act"]
                right = BROKEN[kind][0] if kind in BROKEN else ()
                good = bool(act) and act[0] in right if right else not act
                named["broken" if right else "healthy", good] += 1
                if not good:
                    lines.append(f"{path.stem}: {', '.join(act) or 'nothing'}")
    said = []
    for kind, what in (("broken", "named"), ("healthy", "not accused")):
        count, whole = named[kind, True], named[kind, True] + named[kind, False]
        if whole:
            low, high = binomtest(count, whole).proportion_ci(method="exact")
            said.append(f"{kind}, {what}: {count} of {whole}, {count / whole:.1%} ({low:.1%} to {high:.1%})")
    return "\n".join([*said, *lines])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["run", "table"])
    parser.add_argument("--held-out", action="store_true")
    given = parser.parse_args()
    KEPT.mkdir(parents=True, exist_ok=True)
    if given.what == "table":
        print(table(given.held_out))
        return
    for data, unseen in SETS.items():
        for kind in (*HEALTHY, *BROKEN):
            for seed in SEEDS:
                path = KEPT / f"{data}-{kind}-{seed}.json"
                if unseen == given.held_out and not path.exists():
                    result = play(data, kind, seed)
                    path.write_text(json.dumps(result) + "\n")
                    print(path.stem, [finding["symptom"] for finding in result["findings"]], flush=True)


if __name__ == "__main__":
    main()
