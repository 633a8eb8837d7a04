"""How long the evaluation card takes: 10,000 against 10,000 images of 32 px, metric by metric; and as a whole.

    python benchmarks/card_speed.py                       # two cores, a quiet machine
    python benchmarks/card_speed.py --n 300 --no-usefulness

The images are Fashion-MNIST's, made 32 px; the "generated" ones are real ones too, since what a metric
takes does not hang on what it sees. Features of real images count as cached: they are timed beside the
rest, and left out of the total. The target is 180 s, and 180 more with usefulness.

Metric by metric there are as many training images as others. The command has all of the data's, so it is timed
as well: ``evaluate`` on 10,000 images of 28 px against Fashion-MNIST's test split and its 56,983 training images,
after a call with few images that fills the cache.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

RESULT = Path(__file__).parent / "results" / "card_speed.json"
TARGET_SECONDS, MORE_SECONDS = 180, 180
SIDE = 32


def images_of(n: int) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """(4 n, 32, 32, 1) uint8, drawn with a seed, their labels, and the classes' names."""
    from gansmith.data.prepare import prepare
    from gansmith.networks.extractors._prepare import resized

    prepared = prepare("fashion-mnist")
    assert prepared.labels is not None
    rows = np.sort(np.random.default_rng(0).permutation(len(prepared.images))[: 4 * n])
    rows = np.random.default_rng(1).permutation(rows)
    return resized(np.asarray(prepared.images[rows]), SIDE), prepared.labels[rows], tuple(prepared.classes)


@contextmanager
def timed(times: dict[str, float], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    times[name] = round(time.perf_counter() - began, 2)
    print(f"{times[name]:8.1f} s  {name}", flush=True)


def measure(n: int, extractor_name: str, usefulness: bool) -> dict[str, Any]:
    """Seconds of each part. The floor is measured as well, so everything but the copies is done twice."""
    from gansmith.core.progress import Progress
    from gansmith.metrics import METRICS
    from gansmith.metrics.card import Case, measure
    from gansmith.metrics.evidence import Evidence, Features
    from gansmith.networks.extractors import EXTRACTORS

    images, labels, classes = images_of(n)
    extractor = EXTRACTORS.get(extractor_name)()
    parts = {name: slice(at * n, (at + 1) * n) for at, name in enumerate(("generated", "real", "training", "floor"))}
    times: dict[str, float] = {}
    with timed(times, "features of generated images"):
        generated = Features(extractor.features(images[parts["generated"]]))
    with timed(times, "features of real images, cached in use"):
        features = {name: Features(extractor.features(images[parts[name]])) for name in parts if name != "generated"}
    about: dict[str, Any] = {"generated": generated, "real": features["real"], "training": features["training"]}
    for name in ("generated", "real", "training"):
        about |= {f"{name}_images": images[parts[name]], f"{name}_labels": labels[parts[name]]}
    ours = Evidence(classes=classes, **about)
    floor = replace(
        ours,
        generated=features["floor"],
        generated_images=images[parts["floor"]],
        generated_labels=labels[parts["floor"]],
    )
    context = {"extractor": extractor.name, "n": n}
    for name in METRICS.names:
        if name != "usefulness":
            with timed(times, name):
                measure([Case(metrics=[name], ours=ours, floor=floor, context=context)], name, Progress())
    if usefulness:
        with timed(times, "usefulness"):
            measure([Case(metrics=["usefulness"], ours=ours, floor=None, context=context)], "usefulness", Progress())
    return times


def whole(n: int, extractor: str, usefulness: bool, times: dict[str, float]) -> None:
    """Seconds of the command itself."""
    from gansmith.data.prepare import prepare
    from gansmith.recipes.evaluating.evaluation import Asked, evaluate

    prepared = prepare("fashion-mnist")
    rows = np.sort(np.random.default_rng(0).permutation(prepared.splits["train"])[:n])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "images.npz"
        np.savez(path, images=prepared.images[rows])
        asked = Asked(
            source=path, against="fashion-mnist", extractors=(extractor,), split="test", usefulness=usefulness
        )
        evaluate(replace(asked, n=64, usefulness=False))
        with timed(times, f"evaluate, {len(prepared.splits['train']):,} training images"):
            told = evaluate(asked).card
    print(told["summary"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--extractor", default="lite0")
    parser.add_argument("--no-usefulness", dest="usefulness", action="store_false")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=Path, default=RESULT)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    times = measure(given.n, given.extractor, given.usefulness)
    total = sum(seconds for name, seconds in times.items() if name != "usefulness" and "cached" not in name)
    whole(given.n, given.extractor, given.usefulness, times)
    print(f"{total:8.1f} s  in all (target {TARGET_SECONDS}), usefulness {times.get('usefulness', 0):.1f} s more")
    flags = f"--n {given.n} --extractor {given.extractor} --threads {given.threads}"
    told = {
        "command": f"python benchmarks/card_speed.py {flags}",
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "torch": torch.__version__},
        "n": given.n,
        "side": SIDE,
        "seconds": times,
        "total_seconds": round(total, 1),
        "target_seconds": {"card": TARGET_SECONDS, "usefulness": MORE_SECONDS},
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
