"""Do the intervals of one evaluation hold what many evaluations would give?

    python benchmarks/metrics_coverage.py                            # about a quarter of an hour of one core; resumable
    python benchmarks/metrics_coverage.py --fresh 8 --repetitions 4  # a try

A generator is a distribution that can be drawn from for ever. This one is made of lite0 features: take one of 20,000
Fashion-MNIST training images at random, half of them blurred (sigma 0.7), and move its features by a normal
step of 0.3 times their covariance's root. That is a mixture of 20,000 Gaussians: skewed and heavy-tailed as
real features are, at a distance from the test images as a generator is, and every draw is independent of every other.

The mean of FD and of KID over 200 evaluations of 2,000 fresh draws each, against the same 10,000 test images,
is what the interval of one evaluation is for. So each of 100 more evaluations says whether its nominal 95 % interval
holds that mean. Of intervals that hold at 95 %, 90 to 99 of 100 do, but for one time in sixty. Fewer is reported as
"too narrow": the interval promises too much, and must be mended. All 100 is reported as "too wide": it errs on the
safe side, and the ratio of its half width to the true deviation (1.96 is exact) says by how much.

The percentile bootstrap stands beside it on the first few, as it is what is mostly done: it holds next to nothing,
since resampling repeats the upward bias of FD.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor

from gansmith.core import randomness
from gansmith.core.files import cache_folder, write_atomically
from gansmith.data.prepare import prepare
from gansmith.metrics.evidence import Features
from gansmith.metrics.features import cached_features
from gansmith.metrics.frechet import frechet_distance, frechet_estimate, moments, symmetric_root
from gansmith.metrics.kid import kid
from gansmith.networks.extractors import EXTRACTORS

RESULT = Path(__file__).parent / "results" / "metrics_coverage.json"
ROWS, BLUR, STEP = 20_000, 0.7, 0.3
RESAMPLES, RESAMPLED = 40, 5
REPEATED = 1_000_000
LEAST, MOST = 90, 99


class Generator:
    """A mixture of Gaussians around known feature vectors.

    Args:
        centres: (m, d) float64.
        step: the standard deviation, in parts of the centres' own.
    """

    def __init__(self, centres: Tensor, step: float):
        self.centres = centres
        self.root = step * symmetric_root(torch.cov(centres.T))

    def draw(self, n: int, number: int) -> Tensor:
        """(n, d), fresh for every number."""
        rows = randomness.integers(len(self.centres), n, 0, "coverage-rows", number)
        noise = randomness.normal((n, self.centres.shape[1]), 0, "coverage-noise", number)
        return self.centres[rows] + noise.double() @ self.root


def blurred(images: np.ndarray) -> np.ndarray:
    """(n, H, W, 1) uint8, each blurred."""
    pictures = (Image.fromarray(image[..., 0]).filter(ImageFilter.GaussianBlur(BLUR)) for image in images)
    return np.stack([np.asarray(picture)[..., None] for picture in pictures])


def features() -> tuple[Tensor, Features]:
    """(20,000, 1280) centres of the generator, and the 10,000 test images."""
    extractor, data = EXTRACTORS.get("lite0")(), prepare("fashion-mnist")
    rows = np.sort(data.splits["train"][:: len(data.splits["train"]) // ROWS][:ROWS])
    images = data.images[rows]
    images[::2] = blurred(images[::2])
    folder = cache_folder() / "benchmarks" / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    key = f"{data.fingerprint}-half-blurred-{BLUR}"
    centres = cached_features(extractor, images, np.arange(len(images)), folder, key)
    test = cached_features(extractor, data.images, np.sort(data.splits["test"]), data.folder, data.fingerprint)
    return torch.from_numpy(centres).double(), Features(test)


def bootstrap(x: Tensor, real: Features, number: int) -> list[float]:
    """The percentile bootstrap's 95 % interval of FD."""
    rows = randomness.integers(len(x), RESAMPLES * len(x), 1, "coverage-bootstrap", number).reshape(RESAMPLES, -1)
    values = np.array([frechet_distance(moments(x[some]), real.moments) for some in rows])
    low, high = np.quantile(values, (0.025, 0.975))
    return [float(low), float(high)]


def evaluation(x: Tensor, real: Features, number: int) -> dict:
    """FD and KID with their intervals."""
    found = {"fd": frechet_estimate(x, real.moments), "kid": kid(x, real.exact, real.real_term)}
    return {name: [estimate.value, estimate.low, estimate.high] for name, estimate in found.items()}


def values(x: Tensor, real: Features, number: int) -> dict:
    """FD and KID alone."""
    return {"fd": frechet_distance(moments(x), real.moments), "kid": kid(x, real.exact, real.real_term).value}


def counted(state: dict) -> dict:
    """What is said of the state: the means, how many intervals hold them, and whether that is as it should be."""
    said = {}
    for name in ("fd", "kid"):
        fresh = np.array([each[name] for each in state["fresh"].values()])
        ours = np.array([each[name] for each in state["repetitions"].values()])
        held = int(((ours[:, 1] <= fresh.mean()) & (fresh.mean() <= ours[:, 2])).sum())
        said[name] = {
            "mean": fresh.mean(),
            "deviation": fresh.std(ddof=1),
            "mean_half_width_over_deviation": (ours[:, 2] - ours[:, 1]).mean() / 2 / fresh.std(ddof=1),
            "held": held,
            "of": len(ours),
            "verdict": verdict(held, len(ours)),
        }
    mean, boots = said["fd"]["mean"], state["bootstraps"].values()
    said["fd"]["bootstrap_held"] = f"{sum(low <= mean <= high for low, high in boots)} of {len(boots)}"
    return said


def verdict(held: int, of: int) -> str:
    """What is said of intervals of which so many held."""
    if 100 * held < LEAST * of:
        return "too narrow"
    return "too wide" if 100 * held > MOST * of else "as it should be"


MEASURED = {"fresh": values, "repetitions": evaluation, "bootstraps": bootstrap}


def jobs_of(options: argparse.Namespace, state: dict) -> list[tuple[str, int]]:
    """What is still to be done: fresh and repeated evaluations in turn, so that there is something to read early."""
    counts = {"fresh": options.fresh, "repetitions": options.repetitions}
    jobs = sorted((i / count, kind, i) for kind, count in counts.items() for i in range(count))
    jobs += [(1, "bootstraps", i) for i in range(min(RESAMPLED, options.repetitions))]
    return [(kind, i) for _, kind, i in jobs if str(i) not in state[kind]]


def write(out: Path, state: dict) -> None:
    """The state, and what it says so far."""
    if min(len(state["fresh"]), len(state["repetitions"])) > 1:
        state["found"] = counted(state)
    write_atomically(out, lambda path: path.write_text(json.dumps(state, indent=1)))


def main() -> None:
    """Draw, evaluate, write after every evaluation, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--fresh", type=int, default=200)
    parser.add_argument("--repetitions", type=int, default=100)
    parser.add_argument("--out", type=Path, default=RESULT)
    options = parser.parse_args()
    centres, real = features()
    generator = Generator(centres, STEP)
    settings = {"n": options.n, "n_real": len(real), "centres": len(centres), "step": STEP, "blur": BLUR}
    state = json.loads(options.out.read_text()) if options.out.exists() else {}
    if state.get("settings") != settings:
        state = {"settings": settings, "seconds": 0.0, **{kind: {} for kind in MEASURED}}
    for kind, i in jobs_of(options, state):
        began = time.process_time()
        x = generator.draw(options.n, i if kind == "fresh" else REPEATED + i)
        state[kind][str(i)] = MEASURED[kind](x, real, i)
        state["seconds"] += time.process_time() - began
        write(options.out, state)
        print(f"{kind} {i}, {state['seconds']:.0f} s", flush=True)
    write(options.out, state)
    print(json.dumps(counted(state), indent=1))


if __name__ == "__main__":
    main()
