"""The score that training follows, and the one it ends with."""

from typing import Any

import numpy as np
import torch

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.metrics._features import as_features
from gansmith.metrics.frechet import Moments, frechet_distance, frechet_estimate, moments
from gansmith.metrics.interval import Estimate
from gansmith.metrics.kid import kid, real_term
from gansmith.metrics.kinds import kinds_of, shares_over_real
from gansmith.metrics.neighbours import nearest, nearest_others, squared_radii
from gansmith.metrics.precision_recall import NEIGHBOUR, precision_recall
from gansmith.networks.extractors import Extractor

FEWEST_REAL = NEIGHBOUR + 1
ENOUGH_FOR_FD = 1000
COMPARED = 500  # with one another
RARELY_SO_NEAR = 0.02
READ_FOR_COPIES = 250  # among ten thousand training images; all of them would take as long as the rest of the score


class LoopScore:
    """Fréchet distance, precision and recall of a few samples against a fixed real set, in about a second.

    Beside them stands what a diagnosis reads from the same features. Everything that depends on the real sets
    alone is computed when it is made.

    Args:
        extractor: whose features the real ones are.
        real_features: (m, d), m >= 4, of the choose split.
        training_features: (k, d) of training images, by which copies are seen; or None.
        kinds: (m,) a class of each real row; None: clusters take their place.
        own: (m,) the row of the training features that each real row itself is, which is no neighbour of its own.
    Raises: InputError: for too few real images, all-equal or non-finite features.
    Check: equals the metrics called one by one.
    """

    def __init__(
        self,
        extractor: Extractor,
        real_features: Any,
        training_features: np.ndarray | None = None,
        kinds: np.ndarray | None = None,
        own: np.ndarray | None = None,
    ):
        self.extractor = extractor
        self.real = _varied(as_features(real_features, "real", FEWEST_REAL))
        self.radii = squared_radii(self.real, NEIGHBOUR)
        self.moments = moments(self.real)
        if len(self.real) >= self.real.shape[1]:
            self.moments.covariance  # noqa: B018 - computed now and kept
        self.kinds = kinds_of(self.real) if kinds is None else torch.from_numpy(np.asarray(kinds, dtype=np.int64))
        self.training = None if training_features is None else torch.from_numpy(training_features)
        but = None if own is None else _spread(torch.from_numpy(own), READ_FOR_COPIES)
        self.real_nearest = None if self.training is None else self._to_training(self.real, but)
        self.compared = min(COMPARED, len(self.real))
        self.real_apart = max(_apart(_spread(self.real, self.compared)), 1e-12)

    def _to_training(self, features: torch.Tensor, but: torch.Tensor | None = None) -> torch.Tensor:
        """(k,) distances of some rows to the nearest training image."""
        assert self.training is not None
        return nearest(_spread(features, READ_FOR_COPIES), self.training, but=but)[0][:, 0].sqrt()

    def __call__(self, images: np.ndarray) -> dict[str, Any]:
        """Score (n, H, W, C) uint8 images, n >= 4.

        Returns: ``fd``, ``precision``, ``recall``, and what they were measured with: ``extractor``,
            ``checksum``, ``resize``, ``n``, ``n_real``. For the diagnosis ``variety``, the trace of the samples'
            covariance over that of the real images; ``crowding``, how far the nearest other sample is over the same
            among as many real images; ``shares``, of each kind over its real share; and with training images
            ``neighbour_ratio``, the mean distance to the nearest of them over that of the real images, and
            ``near_share``, of samples so near as only one real image in fifty is.
        """
        generated = as_features(self.extractor.features(images), "generated", FEWEST_REAL)
        theirs = moments(generated)
        precision, recall = precision_recall(generated, self.real, known_real_radii=self.radii)
        values: dict[str, Any] = {"fd": frechet_distance(theirs, self.moments)}
        values |= {"precision": precision, "recall": recall}
        values["variety"] = theirs.trace / self.moments.trace
        values["crowding"] = _apart(_spread(generated, self.compared)) / self.real_apart
        values["shares"] = shares_over_real(self.kinds[nearest(generated, self.real)[1][:, 0]], self.kinds)
        if self.real_nearest is not None and self.real_nearest.mean() > 0:
            apart = self._to_training(generated)
            values["neighbour_ratio"] = float(apart.mean() / self.real_nearest.mean())
            values["near_share"] = float((apart < self.real_nearest.quantile(RARELY_SO_NEAR)).double().mean())
        return values | _measured_with(self.extractor, len(generated), len(self.real))


def final_score(
    extractor: Extractor,
    generated: np.ndarray,
    test_features: Any,
    floor_features: Any,
    *,
    seed: int,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The score a run ends with: against the test split, with intervals and the real-against-real floor.

    Args:
        extractor: whose features these are.
        generated: (n, H, W, C) uint8 samples.
        test_features: (m, d) of the test split, read here for the first time.
        floor_features: (n, d) of as many real training images.
        seed: of the samples' latents.
        progress: shown one bar.
    Returns: ``metrics`` (``fd``, ``kid``, ``precision``, ``recall``, each with its value, what it was
        measured with, and an interval where it has one), ``floor`` (``fd`` and ``kid`` of real training
        images), ``leads`` (``kid`` with fewer than 1,000 test images, else ``fd``), ``uncertain``
        (whether the FD is), ``summary`` (one sentence).
    Raises: InputError: for too few images, an all-equal test split, or features that are not finite.
    """
    progress = progress or Progress()
    progress.start(f"Scoring {len(generated):,} samples against the test split", len(generated))
    try:
        ours = extractor.features(generated, progress)
        real = _varied(as_features(test_features, "test", FEWEST_REAL))
        metrics, floor = _metrics_and_floor(ours, real, floor_features)
    finally:
        progress.finish()
    context = _measured_with(extractor, len(generated), len(real)) | {"split": "test", "seed": seed}
    floor_context = context | {"n": len(floor_features), "source": "train"}
    score = {
        "metrics": {name: value | context for name, value in metrics.items()},
        "floor": {name: value | floor_context for name, value in floor.items()},
        "leads": "fd" if len(real) >= ENOUGH_FOR_FD else "kid",
        "uncertain": len(real) < ENOUGH_FOR_FD,
    }
    return score | {"summary": summary(score, collapsed=bool((ours == ours[0]).all()))}


def summary(score: dict[str, Any], collapsed: bool = False) -> str:
    """One sentence that says what a final score means to someone who has not met these metrics."""
    metrics, floor, leads = score["metrics"], score["floor"], score["leads"]
    lead = metrics[leads]
    interval = f"95 % interval {_figure(lead['low'])} to {_figure(lead['high'])}"
    text = (
        f"{leads.upper()}-{lead['extractor']} {_figure(lead['value'])} ({interval}) for {lead['n']:,} samples against "
        f"{lead['n_real']:,} test images, where as many real images get {_figure(floor[leads]['value'])}; "
        f"{metrics['precision']['value']:.0%} of the samples look like test images (precision), "
        f"{metrics['recall']['value']:.0%} of the test images are covered (recall)"
    )
    if collapsed:
        text += "; every sample is the same picture"
    if score["uncertain"]:
        text += f"; with so few test images the FD, {_figure(metrics['fd']['value'])}, is uncertain"
    return text + "."


def _figure(value: float) -> str:
    """Three digits, never in powers of ten. Check: 1630.3 -> 1,630; 45.67 -> 45.7; 0.00123 -> 0.00123."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


Parts = dict[str, dict[str, float]]


def _metrics_and_floor(ours: np.ndarray, real: torch.Tensor, floor_features: Any) -> tuple[Parts, Parts]:
    theirs, known = moments(real), real_term(real)
    metrics = _distances(ours, real, theirs, known)
    precision, recall = precision_recall(ours, real)
    metrics |= {"precision": {"value": precision}, "recall": {"value": recall}}
    return metrics, _distances(floor_features, real, theirs, known)


def _distances(features: Any, real: torch.Tensor, theirs: Moments, known: float) -> Parts:
    x = as_features(features, "scored", FEWEST_REAL)
    found: dict[str, Estimate] = {"fd": frechet_estimate(x, theirs), "kid": kid(x, real, known)}
    return {name: estimate.as_dict() for name, estimate in found.items()}


def _spread(rows: torch.Tensor, count: int) -> torch.Tensor:
    """So many of them, or all, evenly spaced: they may lie sorted by class."""
    return rows[torch.linspace(0, len(rows) - 1, min(count, len(rows))).round().long()]


def _apart(features: torch.Tensor) -> float:
    """The mean distance of a row to the nearest other."""
    return float(nearest_others(features, 1)[0].sqrt().mean())


def _varied(real: torch.Tensor) -> torch.Tensor:
    if bool((real == real[0]).all()):
        raise InputError("every real image gives the same features, so there is nothing to compare with; look at them")
    return real


def _measured_with(extractor: Extractor, n: int, n_real: int) -> dict[str, Any]:
    described = {"extractor": extractor.name, "checksum": extractor.checksum, "resize": extractor.resize}
    return described | {"n": n, "n_real": n_real}
