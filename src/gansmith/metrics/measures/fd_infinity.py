"""Fréchet distance extrapolated to infinitely many generated images: without the bias that their number brings."""

import torch
from torch import Tensor

from gansmith.core import randomness
from gansmith.metrics.evidence import Evidence
from gansmith.metrics.frechet import Moments, frechet_distance, influences, moments
from gansmith.metrics.interval import Estimate
from gansmith.metrics.metric import Metric

QUARTERS = (4, 3, 2)
WIDTHS = 4


def compute(evidence: Evidence) -> dict[str, Estimate]:
    r"""``fd-infinity``: the intercept of FD against 1 / n, by least squares over n, 3n/4 and n/2 images.

    The images are shuffled by the seed and cut into quarters. At each size the distance is the mean over
    windows of neighbouring quarters in which every image is equally often, so that what is chance in the
    whole sample is the same at every size and cancels from the slope. The error is that of the
    jackknives of ``frechet_estimate``: an image's influence is the same combination of its influences in
    the windows that hold it.

    The real set stays as it is, so the bias of its own number stays too. The line is straight only where
    there are several times more images than features; with fewer than four times as many the result falls
    below the truth, so it is refused.

    Check: sizes with the bias a + b / n give a; of Gaussians the mean is the distance of their true moments.
    Source: Chong and Forsyth 2020, arXiv:1911.07023; here with balanced windows in place of random draws.
    """
    assert evidence.generated and evidence.real
    x, real = evidence.generated.exact, evidence.real.moments
    order = torch.randperm(len(x), generator=randomness.generator(evidence.seed, "fd-infinity"))
    weights = intercept_weights([4 / (len(x) * size) for size in QUARTERS])
    value, ours = 0.0, torch.zeros(len(x), 2, dtype=torch.float64)
    for weight, size in zip(weights, QUARTERS):
        distance, of_rows = _over_windows(x, order, size, real)
        value, ours = value + weight * distance, ours + weight * of_rows
    return {"fd-infinity": Estimate.normal(value, float(ours.var(0).max() / len(x)) ** 0.5)}


def intercept_weights(at: list[float]) -> list[float]:
    """What least squares gives each value at these points in the value at zero. Check: they sum to 1."""
    mean = sum(at) / len(at)
    spread = sum((point - mean) ** 2 for point in at)
    return [1 / len(at) - mean * (point - mean) / spread for point in at]


def _over_windows(x: Tensor, order: Tensor, size: int, real: Moments) -> tuple[float, Tensor]:
    """The mean distance over windows of ``size`` quarters, and (n, 2) the mean influences of each row in them."""
    quarters = order.tensor_split(4)
    starts = range(0, 4, size if 4 % size == 0 else 1)
    total, ours, times = 0.0, torch.zeros(len(x), 2, dtype=torch.float64), torch.zeros(len(x), 1, dtype=torch.float64)
    for start in starts:
        rows = torch.cat([quarters[(start + step) % 4] for step in range(size)])
        own = moments(x[rows])
        total += frechet_distance(own, real)
        ours[rows] += influences(x[rows], own, real)
        times[rows] += 1
    return total / len(starts), ours / times


fd_infinity = Metric(
    compute=compute, reads=("generated", "real"), better={"fd-infinity": "lower"}, fewest=16, widths=WIDTHS
)
