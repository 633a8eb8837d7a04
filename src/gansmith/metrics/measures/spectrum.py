"""Spectrum distance: whether fine structure is as strong as in real images; blur, noise and grid patterns show here."""

import numpy as np
import torch

from gansmith.metrics._images import greys, parts
from gansmith.metrics.evidence import Evidence, Images
from gansmith.metrics.interval import Estimate
from gansmith.metrics.metric import Metric

ROUNDING = 1 / 12


def compute(evidence: Evidence) -> dict[str, Estimate]:
    """``spectrum``, in decibels, 0 or more: the root mean square, over the frequencies, between mean profiles.

    See ``profiles``. The interval has the delete-one jackknife.

    Check: equal sets give 0; twice the contrast gives about 6 dB where there is contrast.
    Source: Durall et al. 2020, arXiv:2003.01826 (the profile); Dzanic et al. 2020, arXiv:1911.06465.
    """
    assert evidence.generated_images is not None and evidence.real_images is not None
    ours, real = profiles(evidence.generated_images), evidence.once(_mean_profile, evidence.real_images)
    mean = ours.mean(0)
    without = mean + (mean - ours) / (len(ours) - 1)
    value = np.sqrt(((mean - real) ** 2).mean())
    return {"spectrum": Estimate.jackknife(float(value), _distances(without, real), lowest=0.0)}


def _mean_profile(images: Images) -> np.ndarray:
    return profiles(images).mean(0)


def profiles(images: Images) -> np.ndarray:
    r"""(n, K) power of each grey image at 1 to K cycles along its shorter side, K half of it, in decibels.

    .. math:: 10 \log_{10} \left( \frac{|F|^2}{H W} + \frac{1}{12} \right)

    averaged over the ring of each whole frequency. The mean of each image is left out, and 1/12 is the
    power of rounding to bytes, so that a flat image has a profile too: -10.8 dB.

    Args:
        images: (n, H, W, C) uint8, each side 4 pixels or more.
    Check: white noise of deviation s has 20 log10(s) less 2.5 dB at every frequency (the mean log of an
        exponential); a wave of k cycles has its power at k.
    """
    ring, frequencies = rings(*images.shape[1:3])
    found = []
    for part in parts(images):
        grey = greys(part)
        power = np.abs(np.fft.fft2(grey - grey.mean((1, 2), keepdims=True))) ** 2 / grey[0].size
        level = 10 * np.log10(power.reshape(len(part), -1) + ROUNDING)
        found.append(np.stack([level[:, ring == k].mean(1) for k in frequencies], 1))
    return np.concatenate(found)


def rings(height: int, width: int) -> tuple[np.ndarray, range]:
    """(H W,) the whole frequency, in cycles along the shorter side, of each entry of a transform; and 1..K."""
    side = min(height, width)
    y, x = np.fft.fftfreq(height)[:, None] * side, np.fft.fftfreq(width) * side
    return np.rint(np.hypot(y, x)).astype(int).ravel(), range(1, side // 2 + 1)


def _distances(profile: np.ndarray, real: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.sqrt(((profile - real) ** 2).mean(1)))


def _refuses(evidence: Evidence) -> str | None:
    assert evidence.generated_images is not None
    height, width = evidence.generated_images.shape[1:3]
    return f"images of {height}x{width} are too small for a spectrum; it needs 4x4" if min(height, width) < 4 else None


spectrum = Metric(
    compute=compute,
    reads=("generated_images", "real_images"),
    better={"spectrum": "lower"},
    refuses=_refuses,
)
