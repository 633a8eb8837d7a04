"""Which metric sees which fault, from which strength?

    python benchmarks/metrics_respond.py                       # both data sets; resumable
    python benchmarks/metrics_respond.py --data fashion-mnist  # about half an hour of one core
    python benchmarks/metrics_respond.py --small               # a try in a minute or two, of no worth, kept apart

Real images that no metric's real or training set holds stand for a perfect generator. One fault at a time is put into
them, from slight to strong, and the metrics of the registry are taken by the default extractor, beside a floor: as
many other real images in their place. A metric sees a fault when the card would notice it: ``metrics/notice.py``.
Labels are read off all images, the real ones as well, as on a card. ``LEFT_OUT`` says what is not measured, and why.

Forty draws without any fault tell how often a notice is false: at most 4 of 40 may show any. The images that are left
for it are shuffled four times and cut into blocks that share no image; each block stands once for the generator, beside
the next one as its floor, and once for the floor of the one before. So a draw and its floor share no image; draws of
different shuffles share some, and neighbours a block, so that their notices are not wholly independent.

Three faults must be noticed: one class of ten dropped, 5 % of the samples training images shifted by a pixel and
recompressed, and blur with sigma 0.5. They are put into five draws each, and the result gives rates.

The result is a JSON file with every value, and a table beside it: for each metric and fault the least strength
from which on it sees the fault at every strength tried, and whether the score then rises or falls.
"""

import argparse
import hashlib
import io
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from statistics import median_low
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor, from_numpy
from torch.nn.functional import conv2d, pad

from gansmith import __version__, metrics
from gansmith.core.errors import InputError
from gansmith.core.files import write_atomically
from gansmith.data.prepare import Prepared, prepare
from gansmith.metrics import METRICS
from gansmith.metrics.evidence import Evidence, Features
from gansmith.metrics.features import cached_features
from gansmith.metrics.interval import Estimate
from gansmith.metrics.labels import read_labels
from gansmith.metrics.metric import measured
from gansmith.metrics.notice import Difference
from gansmith.metrics.notice import noticed as notices
from gansmith.networks.extractors import EXTRACTORS, Extractor

RESULT = Path(__file__).parent / "results" / "metrics_respond.json"
DRAWS, MOST_FALSE = 40, 4
MUST, REPEATED = ("classes dropped 1", "copies 0.05", "blur 0.5"), 5
LEFT_OUT = {
    "class-kid": "it speaks of single classes, which no notice is made of",
    "fd-infinity": "it needs more than 5,120 images by this extractor, and here are fewer",
    "usefulness": "it trains networks; and a card has no floor for it",
}
QUALITY = 75
Estimates = dict[str, Estimate]


@dataclass(frozen=True)
class Sizes:
    """How many images: generated and floor alike, real, and training; the rest is what draws are taken from."""

    n: int
    real: int
    training: int
    draws: int = DRAWS


SIZES = {"fashion-mnist": Sizes(5000, 10_000, 10_000), "avatars": Sizes(2000, 2000, 4000, 12)}
SMALL = Sizes(60, 80, 200, 4)


class Bench:
    """One data set, cut into real, training and a pool; features are computed once."""

    def __init__(self, data: Prepared, sizes: Sizes, extractor: Extractor):
        self.data, self.sizes, self.extractor = data, sizes, extractor
        rows = np.random.default_rng(0).permutation(len(data.images))
        if sizes is SMALL:
            rows = rows[: sizes.real + sizes.training + 3 * sizes.n]
        cuts = np.cumsum([sizes.real, sizes.training])
        self.real_rows, self.training_rows, self.pool = (np.sort(part) for part in np.split(rows, cuts))
        self.blocks = len(self.pool) // sizes.n
        if self.blocks < 3:
            raise InputError(
                f"{len(data.images)} images leave {len(self.pool)} to draw from; fewer are needed elsewhere"
            )

    @cached_property
    def base(self) -> Evidence:
        """All but the generated images."""
        data = self.data
        base = Evidence(
            real=Features(self.known(self.real_rows)),
            training=Features(self.known(self.training_rows)),
            real_images=data.images[self.real_rows],
            training_images=data.images[self.training_rows],
        )
        if data.labels is None:
            return base
        assert base.real is not None and base.training is not None
        known = data.labels[self.training_rows]
        read = read_labels(base.real, base.training, known)
        return replace(base, classes=tuple(data.classes), training_labels=known, real_labels=read)

    def known(self, rows: np.ndarray) -> np.ndarray:
        """Features of images as they are, kept in the data's cache."""
        return cached_features(self.extractor, self.data.images, rows, self.data.folder, self.data.fingerprint)

    @cached_property
    def of_pool(self) -> np.ndarray:
        """Features of the whole pool."""
        return self.known(self.pool)

    def block(self, number: int) -> np.ndarray:
        """Places in the pool: a block of one of the shuffles."""
        shuffle, place = divmod(number, self.blocks)
        order = np.random.default_rng([1, shuffle]).permutation(len(self.pool))
        return order[place * self.sizes.n : (place + 1) * self.sizes.n]

    def floor_of(self, number: int) -> int:
        """The block beside it, in a ring."""
        shuffle, place = divmod(number, self.blocks)
        return shuffle * self.blocks + (place + 1) % self.blocks

    def drawn(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Places in the pool of a draw and of its floor: as many each, none in both."""
        return self.block(number), self.block(self.floor_of(number))

    def healthy_images(self, number: int) -> np.ndarray:
        """(n, H, W, C) of a draw, as they are."""
        return self.data.images[self.pool[self.block(number)]]

    def healthy(self, number: int) -> Estimates:
        """All metrics of a draw as it is."""
        return self.measure(self.healthy_images(number), self.of_pool[self.block(number)])

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


Fault = Callable[[Bench, int, float], np.ndarray]


def blur(bench: Bench, draw: int, sigma: float) -> np.ndarray:
    """A Gaussian filter, the edge repeated; sigma in pixels."""
    images = from_numpy(bench.healthy_images(draw)).permute(0, 3, 1, 2).float()
    reach = max(1, round(4 * sigma))
    line = from_numpy(np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)).float()
    line, channels = line / line.sum(), images.shape[1]
    for along, border in (((-1, 1), (0, 0, reach, reach)), ((1, -1), (reach, reach, 0, 0))):
        weight = line.reshape(1, 1, *along).repeat(channels, 1, 1, 1)
        images = conv2d(pad(images, border, mode="replicate"), weight, groups=channels)
    return as_bytes(images)


def noise(bench: Bench, draw: int, levels: float) -> np.ndarray:
    """Normal noise of that deviation, in levels of 255."""
    images = bench.healthy_images(draw)
    drawn = np.random.default_rng([2, draw]).normal(0, levels, images.shape)
    return (images + drawn).round().clip(0, 255).astype(np.uint8)


def jpeg(bench: Bench, draw: int, loss: float) -> np.ndarray:
    """Recompressed with quality 100 - loss."""
    return recompressed(bench.healthy_images(draw), 100 - int(loss))


def colours(bench: Bench, draw: int, levels: float) -> np.ndarray:
    """The first channel brighter by some levels."""
    images = bench.healthy_images(draw).astype(np.int16)
    images[..., 0] += int(levels)
    return images.clip(0, 255).astype(np.uint8)


def dropped(bench: Bench, draw: int, classes: float) -> np.ndarray:
    """None of the first so many classes; more of the others."""
    assert bench.data.labels is not None
    ours, floor = bench.drawn(draw)
    others = np.setdiff1d(np.arange(len(bench.pool)), floor)  # the floor's stay the floor's
    kept = others[bench.data.labels[bench.pool[others]] >= classes]
    some = np.random.default_rng([3, draw]).choice(kept, len(ours), replace=False)
    return bench.data.images[bench.pool[some]]


def duplicates(bench: Bench, draw: int, share: float) -> np.ndarray:
    """That share of the samples are copies of other samples."""
    images = bench.healthy_images(draw)
    count = round(share * len(images))
    images[:count] = np.random.default_rng([4, draw]).choice(images[count:], count)
    return images


def copies(bench: Bench, draw: int, share: float) -> np.ndarray:
    """That share of the samples are training images, shifted by a pixel and recompressed."""
    images = bench.healthy_images(draw)
    count = round(share * len(images))
    rows = np.random.default_rng([5, draw]).choice(bench.training_rows, count, replace=False)
    taken = bench.data.images[rows]
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
    "blur": (blur, (0.3, 0.5, 1)),
    "noise": (noise, (2, 8, 32)),
    "jpeg": (jpeg, (5, 25, 50)),
    "colours": (colours, (2, 5, 10)),
    "classes dropped": (dropped, (1, 2, 5)),
    "duplicates": (duplicates, (0.05, 0.2, 0.5)),
    "copies": (copies, (0.01, 0.05, 0.2)),
}


def draws_of(fault: str) -> int:
    """Into how many draws a fault of that strength is put: ``blur 0.5``."""
    return REPEATED if fault in MUST else 1


def jobs_of(bench: Bench) -> dict[str, Callable[[], Estimates]]:
    """Everything that is measured, by its key in the result; what the faults are seen beside comes first."""
    healthy = {f"healthy {number}": partial(bench.healthy, number) for number in range(bench.sizes.draws)}
    found = {key: healthy[key] for key in [*healthy][: REPEATED + 1]}
    for fault, (damage, strengths) in FAULTS.items():
        if fault == "classes dropped" and (bench.data.labels is None or len(bench.data.classes) < 10):
            continue
        for strength in strengths:
            for draw in range(min(draws_of(name := f"{fault} {strength:g}"), bench.sizes.draws)):
                found[f"{name} in {draw}"] = partial(_damaged, bench, damage, draw, strength)
    return found | healthy


def _damaged(bench: Bench, damage: Fault, draw: int, strength: float) -> Estimates:
    return bench.measure(damage(bench, draw, strength))


def noticed(state: dict[str, Any], ours: str, floor: str) -> dict[str, float]:
    """The metrics whose difference is noticed, and how many of its own errors it is, below zero where it falls."""
    one, other = ({name: Estimate(*values) for name, values in state[key].items()} for key in (ours, floor))
    return {name: _errors(each) for name, each in notices(one, other).items() if each.beyond}


def _errors(found: Difference) -> float:
    return round(found.estimate.value / max(found.estimate.error, 1e-12), 1)


def summary(state: dict[str, Any], floors: dict[str, str]) -> dict[str, Any]:
    """What the measurements say, so far as they are there.

    Args:
        state: each job's values.
        floors: each job's floor, a job as well.
    """
    there = {key: floor for key, floor in floors.items() if key in state and floor in state}
    found = {key: noticed(state, key, floor) for key, floor in there.items()}
    healthy = {key: names for key, names in found.items() if key.startswith("healthy ")}
    false = {key: names for key, names in healthy.items() if names}
    by_fault: dict[str, list[dict[str, float]]] = {}
    for key, names in found.items():
        if " in " in key:
            by_fault.setdefault(key.rpartition(" in ")[0], []).append(names)
    seen = {fault: seen_mostly(draws) for fault, draws in by_fault.items()}
    return {
        "healthy_draws": len(healthy),
        "healthy_draws_with_a_notice": len(false),
        "as_few_as_wanted": len(false) <= MOST_FALSE if len(healthy) >= DRAWS else f"not judged under {DRAWS} draws",
        "false_notices": false,
        "must_be_noticed": {fault: rate(by_fault.get(fault, [])) for fault in MUST if _asked(fault, floors)},
        "seen": seen,
        "from": {name: thresholds(seen, name) for name in sorted({n for key in there for n in state[key]})},
        "not_measured": LEFT_OUT,
    }


def _asked(fault: str, floors: dict[str, str]) -> bool:
    return any(key.startswith(f"{fault} in ") for key in floors)


def rate(draws: list[dict[str, float]]) -> dict[str, Any]:
    """How many draws with a fault are noticed by anything, and by what."""
    by = Counter(name for names in draws for name in names)
    return {"draws": len(draws), "wanted": REPEATED, "noticed": sum(map(bool, draws)), "by": dict(by.most_common())}


def seen_mostly(draws: list[dict[str, float]]) -> dict[str, float]:
    """The metrics that notice a fault in more than half of the draws, and the middle of their errors."""
    by: dict[str, list[float]] = {}
    for names in draws:
        for name, errors in names.items():
            by.setdefault(name, []).append(errors)
    return {name: median_low(errors) for name, errors in by.items() if 2 * len(errors) > len(draws)}


def thresholds(seen: dict[str, dict[str, float]], name: str) -> dict[str, list[float] | None]:
    """For each fault the least strength from which on the metric sees it, and 1 or -1 where it rises or falls.

    None: at no strength. The score must go the same way at all of them.
    """
    found: dict[str, list[float] | None] = {}
    for fault, (_, strengths) in FAULTS.items():
        tried = [strength for strength in strengths if f"{fault} {strength:g}" in seen]
        least = None
        for strength in reversed(tried):
            errors = seen[f"{fault} {strength:g}"].get(name)
            if errors is None or (least is not None and least[1] * errors < 0):
                break
            least = [strength, 1 if errors > 0 else -1]
        if tried:
            found[fault] = least
    return found


def table(said: dict[str, Any]) -> str:
    """Markdown: metrics down, faults across; + where the score rises with the fault, - where it falls."""
    rows = said.get("from", {})
    faults = list(next(iter(rows.values()), {}))
    lines = ["| metric | " + " | ".join(faults) + " |", "|" + " --- |" * (len(faults) + 1)]
    for name, least in sorted(rows.items()):
        cells = ("" if at is None else f"{at[0]:g} {'+' if at[1] > 0 else '-'}" for at in map(least.get, faults))
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    without = [f"`{name}`: {why}." for name, why in said.get("not_measured", {}).items()]
    return "\n".join(lines + (["", "Not measured: " + " ".join(without)] if without else []))


def code_digest() -> str:
    """sha256 of the metrics' code and of this file: other code, other measurements."""
    files = sorted(Path(metrics.__path__[0]).rglob("*.py"))
    digest = hashlib.sha256()
    for file in [*(file for file in files if not file.name.startswith("card")), Path(__file__)]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def run(name: str, sizes: Sizes, whole: dict[str, Any], out: Path) -> None:
    """Measure what is missing of one data set, and write after each."""
    bench = Bench(prepare(name), sizes, EXTRACTORS.get("lite0")())
    strengths = {fault: list(strengths) for fault, (_, strengths) in FAULTS.items()}
    settings = vars(sizes) | {"pool": len(bench.pool), "extractor": bench.extractor.checksum, "strengths": strengths}
    settings |= {"gansmith": __version__, "code": code_digest()}
    held = whole.get(name, {})
    state, seconds = (held["state"], held["cpu_seconds"]) if held.get("settings") == settings else ({}, 0.0)
    jobs = jobs_of(bench)
    floors = {key: f"healthy {bench.floor_of(int(key.split()[-1]))}" for key in jobs}
    for key, job in jobs.items():
        if key in state:
            continue
        began = time.process_time()
        state[key] = {each: [e.value, e.error, e.low, e.high] for each, e in job().items()}
        seconds += (took := time.process_time() - began)
        print(f"{name}: {key}, {took:.0f} s", file=sys.stderr, flush=True)
        said = summary(state, floors)
        whole[name] = {"settings": settings, "cpu_seconds": round(seconds), "summary": said, "state": state}
        write_atomically(out, lambda path: path.write_text(json.dumps(whole, indent=1)))
    text = "\n\n".join(f"## {name}\n\n{table(each['summary'])}" for name, each in whole.items())
    write_atomically(out.with_suffix(".md"), lambda path: path.write_text(text + "\n"))


def main() -> None:
    """Measure, and print the summary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=[*SIZES], action="append")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--out", type=Path, help=f"{RESULT.name} beside the others; of a small try, a temporary file")
    options = parser.parse_args()
    out = options.out or (Path(tempfile.mkdtemp()) / RESULT.name if options.small else RESULT)
    whole = json.loads(out.read_text()) if out.exists() else {}
    for name in options.data or [*SIZES]:
        run(name, SMALL if options.small else SIZES[name], whole, out)
        print(json.dumps({key: value for key, value in whole[name]["summary"].items() if key != "from"}, indent=1))
        print(table(whole[name]["summary"]))
    print(out)


if __name__ == "__main__":
    main()
