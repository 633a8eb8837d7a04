"""Which metric sees which fault, from which strength?

    python benchmarks/metrics_respond.py                          # about three hours of one core; resumable
    python benchmarks/metrics_respond.py --data avatars           # one data set
    python benchmarks/metrics_respond.py --small --out /tmp/a.json  # a try in a minute or two, of no worth

Real images that no metric's real or training set holds stand for a perfect generator. One fault at a time is put into
them, from slight to strong, and every metric of the registry (but usefulness, which trains networks) is taken
by the default extractor, beside a floor: as many other real images in their place. A metric sees a fault when its
difference from the floor leaves out zero, the intervals of all metrics widened so that together they hold at 95 %:
what the card calls a notice. Labels are read off the images, as a card does.

Forty draws without any fault, each with a floor of its own, tell how often a notice is false: at most 4 of 40 may show
any. A draw and its floor share no image; draws share some with each other, since 70,000 images are not endless.
Three faults must be noticed: one class of ten dropped, 5 % of the samples training images shifted by a pixel and
recompressed, and blur with sigma 0.5.

The result is a JSON file with every value, and a table beside it: for each metric and fault the least strength
from which on it sees the fault at every strength tried.
"""

import argparse
import io
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor, from_numpy
from torch.nn.functional import conv2d, pad

from gansmith.core.errors import InputError
from gansmith.core.files import write_atomically
from gansmith.data.prepare import Prepared, prepare
from gansmith.metrics import METRICS
from gansmith.metrics.evidence import Evidence, Features
from gansmith.metrics.features import cached_features
from gansmith.metrics.interval import Estimate
from gansmith.metrics.labels import read_labels
from gansmith.metrics.metric import measured
from gansmith.metrics.notice import differences
from gansmith.networks.extractors import EXTRACTORS, Extractor

RESULT = Path(__file__).parent / "results" / "metrics_respond.json"
DRAWS, MOST_FALSE = 40, 4
MUST = ("classes dropped 1", "copies 0.05", "blur 0.5")
LEFT_OUT = ("usefulness",)
QUALITY = 75
Estimates = dict[str, Estimate]


@dataclass(frozen=True)
class Sizes:
    """How many images: generated and floor alike, real, and training; the rest is what draws are taken from."""

    n: int
    real: int
    training: int


SIZES = {"fashion-mnist": Sizes(5000, 10_000, 30_000), "avatars": Sizes(2000, 2000, 5000)}
SMALL = Sizes(60, 80, 200)


class Bench:
    """One data set, cut into real, training and a pool; features are computed once."""

    def __init__(self, data: Prepared, sizes: Sizes, extractor: Extractor):
        self.data, self.sizes, self.extractor = data, sizes, extractor
        rows = np.random.default_rng(0).permutation(len(data.images))
        if sizes is SMALL:
            rows = rows[: sizes.real + sizes.training + 6 * sizes.n]
        cuts = np.cumsum([sizes.real, sizes.training])
        self.real_rows, self.training_rows, self.pool = (np.sort(part) for part in np.split(rows, cuts))
        if len(self.pool) < 2 * sizes.n:
            raise InputError(
                f"{len(data.images)} images leave {len(self.pool)} to draw from; fewer are needed elsewhere"
            )

    @cached_property
    def base(self) -> Evidence:
        """All but the generated images."""
        data = self.data
        labels = {} if data.labels is None else {"classes": tuple(data.classes)}
        for which, rows in (("real", self.real_rows), ("training", self.training_rows)):
            if data.labels is not None:
                labels[f"{which}_labels"] = data.labels[rows]
        return Evidence(
            real=Features(self.known(self.real_rows)),
            training=Features(self.known(self.training_rows)),
            real_images=data.images[self.real_rows],
            training_images=data.images[self.training_rows],
            **labels,
        )

    def known(self, rows: np.ndarray) -> np.ndarray:
        """Features of images as they are, kept in the data's cache."""
        return cached_features(self.extractor, self.data.images, rows, self.data.folder, self.data.fingerprint)

    @cached_property
    def of_pool(self) -> np.ndarray:
        """Features of the whole pool."""
        return self.known(self.pool)

    def drawn(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Places in the pool of a draw and of its floor: as many each, none in both."""
        order = np.random.default_rng([1, number]).permutation(len(self.pool))
        return order[: self.sizes.n], order[self.sizes.n : 2 * self.sizes.n]

    def healthy(self, places: np.ndarray) -> Estimates:
        """All metrics of images of the pool as they are."""
        return self.measure(self.data.images[self.pool[places]], self.of_pool[places])

    def measure(self, images: np.ndarray, features: np.ndarray | None = None) -> Estimates:
        """All metrics that the evidence allows."""
        features = self.extractor.features(images) if features is None else features
        evidence = replace(self.base, generated=Features(features), generated_images=images)
        if evidence.training_labels is not None:
            assert evidence.generated is not None and evidence.training is not None
            labels = read_labels(evidence.generated, evidence.training, evidence.training_labels)
            evidence = replace(evidence, generated_labels=labels)
        found: Estimates = {}
        for name in METRICS.names:
            if name not in LEFT_OUT:
                try:
                    found |= measured(name, evidence)
                except InputError as error:
                    print(error, file=sys.stderr)
        return {name: estimate for name, estimate in found.items() if "/" not in name}


Fault = Callable[[Bench, np.ndarray, float], np.ndarray]


def blur(bench: Bench, places: np.ndarray, sigma: float) -> np.ndarray:
    """A Gaussian filter, the edge repeated; sigma in pixels."""
    images = from_numpy(bench.data.images[bench.pool[places]]).permute(0, 3, 1, 2).float()
    reach = max(1, round(4 * sigma))
    line = from_numpy(np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)).float()
    line, channels = line / line.sum(), images.shape[1]
    for along, border in (((-1, 1), (0, 0, reach, reach)), ((1, -1), (reach, reach, 0, 0))):
        weight = line.reshape(1, 1, *along).repeat(channels, 1, 1, 1)
        images = conv2d(pad(images, border, mode="replicate"), weight, groups=channels)
    return as_bytes(images)


def noise(bench: Bench, places: np.ndarray, levels: float) -> np.ndarray:
    """Normal noise of that deviation, in levels of 255."""
    images = bench.data.images[bench.pool[places]]
    drawn = np.random.default_rng(2).normal(0, levels, images.shape)
    return (images + drawn).round().clip(0, 255).astype(np.uint8)


def jpeg(bench: Bench, places: np.ndarray, loss: float) -> np.ndarray:
    """Recompressed with quality 100 - loss."""
    return recompressed(bench.data.images[bench.pool[places]], 100 - int(loss))


def colours(bench: Bench, places: np.ndarray, levels: float) -> np.ndarray:
    """The first channel brighter by some levels."""
    images = bench.data.images[bench.pool[places]].astype(np.int16)
    images[..., 0] += int(levels)
    return images.clip(0, 255).astype(np.uint8)


def dropped(bench: Bench, places: np.ndarray, classes: float) -> np.ndarray:
    """None of the first so many classes; more of the others."""
    assert bench.data.labels is not None
    others = np.setdiff1d(np.arange(len(bench.pool)), bench.drawn(0)[1])  # the floor's stay the floor's
    kept = others[bench.data.labels[bench.pool[others]] >= classes]
    some = np.random.default_rng(3).choice(kept, len(places), replace=len(kept) < len(places))
    return bench.data.images[bench.pool[some]]


def duplicates(bench: Bench, places: np.ndarray, share: float) -> np.ndarray:
    """That share of the samples are copies of other samples."""
    some = places.copy()
    count = round(share * len(some))
    some[:count] = np.random.default_rng(4).choice(some[count:], count)
    return bench.data.images[bench.pool[some]]


def copies(bench: Bench, places: np.ndarray, share: float) -> np.ndarray:
    """That share of the samples are training images, shifted by a pixel and recompressed."""
    images = bench.data.images[bench.pool[places]]
    count = round(share * len(images))
    taken = bench.data.images[np.random.default_rng(5).choice(bench.training_rows, count, replace=False)]
    images[:count] = recompressed(np.concatenate([taken[:, :, :1], taken[:, :, :-1]], 2), QUALITY)
    return images


def recompressed(images: np.ndarray, quality: int) -> np.ndarray:
    """(n, H, W, C) uint8 through JPEG and back."""
    found = np.empty_like(images)
    for row, image in enumerate(images):
        file = io.BytesIO()
        Image.fromarray(image[..., 0] if image.shape[2] == 1 else image).save(file, "JPEG", quality=quality)
        found[row] = np.asarray(Image.open(file)).reshape(image.shape)
    return found


def as_bytes(images: Tensor) -> np.ndarray:
    """(n, C, H, W) float in 0..255 -> (n, H, W, C) uint8."""
    return images.round().clamp(0, 255).byte().permute(0, 2, 3, 1).contiguous().numpy()


FAULTS: dict[str, tuple[Fault, tuple[float, ...]]] = {
    "blur": (blur, (0.3, 0.5, 1, 2)),
    "noise": (noise, (2, 4, 8, 16, 32)),
    "jpeg": (jpeg, (5, 25, 50, 75)),
    "colours": (colours, (2, 5, 10, 20)),
    "classes dropped": (dropped, (1, 2, 5, 8)),
    "duplicates": (duplicates, (0.01, 0.05, 0.2, 0.5)),
    "copies": (copies, (0.01, 0.05, 0.2, 0.5)),
}


def jobs_of(bench: Bench, draws: int) -> dict[str, Callable[[], Estimates]]:
    """Everything that is measured, by its key in the result."""
    found: dict[str, Callable[[], Estimates]] = {}
    for number in range(draws):
        ours, floor = bench.drawn(number)
        found[f"floor {number}"] = lambda places=floor: bench.healthy(places)
        found[f"healthy {number}"] = lambda places=ours: bench.healthy(places)
    for fault, (damage, strengths) in FAULTS.items():
        if fault == "classes dropped" and (bench.data.labels is None or len(bench.data.classes) < 10):
            continue
        for strength in strengths:
            found[f"{fault} {strength:g}"] = lambda damage=damage, strength=strength: bench.measure(
                damage(bench, bench.drawn(0)[0], strength)
            )
    return found


def noticed(state: dict[str, Any], ours: str, floor: str) -> dict[str, float]:
    """The metrics whose difference leaves out zero, and how many of its own errors it is."""
    one, other = ({name: Estimate(*values) for name, values in state[key].items()} for key in (ours, floor))
    found = differences(one, other)
    return {
        name: round(each.estimate.value / max(each.estimate.error, 1e-12), 1)
        for name, each in found.items()
        if each.beyond
    }


def summary(state: dict[str, Any]) -> dict[str, Any]:
    """What the measurements say, so far as they are there."""
    drawn = [key.split()[1] for key in state if key.startswith("healthy ") and f"floor {key.split()[1]}" in state]
    healthy = {number: noticed(state, f"healthy {number}", f"floor {number}") for number in drawn}
    false = {number: names for number, names in healthy.items() if names}
    said: dict[str, Any] = {
        "healthy_draws": len(drawn),
        "healthy_draws_with_a_notice": len(false),
        "as_few_as_wanted": len(false) <= MOST_FALSE,
        "false_notices": false,
    }
    if "floor 0" not in state:
        return said
    seen = {
        f"{fault} {strength:g}": noticed(state, f"{fault} {strength:g}", "floor 0")
        for fault, (_, strengths) in FAULTS.items()
        for strength in strengths
        if f"{fault} {strength:g}" in state
    }
    said["must_be_noticed"] = {key: seen[key] for key in MUST if key in seen}
    said["seen"] = seen
    said["from"] = {name: thresholds(seen, name) for name in state["floor 0"]}
    return said


def thresholds(seen: dict[str, dict[str, float]], name: str) -> dict[str, float | None]:
    """For each fault the least strength from which on the metric sees it; None: at none."""
    found: dict[str, float | None] = {}
    for fault, (_, strengths) in FAULTS.items():
        tried = [strength for strength in strengths if f"{fault} {strength:g}" in seen]
        least = None
        for strength in reversed(tried):
            if name not in seen[f"{fault} {strength:g}"]:
                break
            least = strength
        if tried:
            found[fault] = least
    return found


def table(said: dict[str, Any]) -> str:
    """Markdown: metrics down, faults across."""
    rows = said.get("from", {})
    faults = list(next(iter(rows.values()), {}))
    lines = ["| metric | " + " | ".join(faults) + " |", "|" + " --- |" * (len(faults) + 1)]
    for name, least in sorted(rows.items()):
        lines.append(f"| `{name}` | " + " | ".join("" if least[f] is None else f"{least[f]:g}" for f in faults) + " |")
    return "\n".join(lines)


def run(name: str, sizes: Sizes, draws: int, whole: dict[str, Any], out: Path) -> None:
    """Measure what is missing of one data set, and write after each."""
    bench = Bench(prepare(name), sizes, EXTRACTORS.get("lite0")())
    settings = vars(sizes) | {"pool": len(bench.pool), "extractor": bench.extractor.checksum}
    held = whole.get(name, {})
    state = held["state"] if held.get("settings") == settings else {}
    for key, job in jobs_of(bench, draws).items():
        if key in state:
            continue
        began = time.process_time()
        state[key] = {each: [e.value, e.error, e.low, e.high] for each, e in job().items()}
        print(f"{name}: {key}, {time.process_time() - began:.0f} s", file=sys.stderr, flush=True)
        whole[name] = {"settings": settings, "summary": summary(state), "state": state}
        write_atomically(out, lambda path: path.write_text(json.dumps(whole, indent=1)))
    text = "\n\n".join(f"## {name}\n\n{table(each['summary'])}" for name, each in whole.items())
    write_atomically(out.with_suffix(".md"), lambda path: path.write_text(text + "\n"))


def main() -> None:
    """Measure, and print the summary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=[*SIZES], action="append")
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--out", type=Path, default=RESULT)
    options = parser.parse_args()
    whole = json.loads(options.out.read_text()) if options.out.exists() else {}
    for name in options.data or [*SIZES]:
        run(name, SMALL if options.small else SIZES[name], options.draws, whole, options.out)
        print(json.dumps({key: value for key, value in whole[name]["summary"].items() if key != "from"}, indent=1))
        print(table(whole[name]["summary"]))


if __name__ == "__main__":
    main()
