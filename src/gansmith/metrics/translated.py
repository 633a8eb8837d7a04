"""The score that a translation ends with: like the domain that was asked for, and like the truth where it is known."""

from typing import Any

import numpy as np

from gansmith.core.progress import Progress
from gansmith.metrics._features import as_features
from gansmith.metrics.frechet import frechet_estimate, moments
from gansmith.metrics.kid import kid, real_term
from gansmith.metrics.perceptual import perceptual_distance, psnr, ssim

RESAMPLES = 1000


def translation_score(
    extractor: Any,
    pictures: np.ndarray,
    given: np.ndarray,
    truths: np.ndarray | None,
    reference: np.ndarray,
    floor: np.ndarray,
    *,
    seed: int,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Translations of held-out pictures against B's training pictures; held-out truths and the unchanged input beside.

    Args:
        extractor: whose features ``reference`` and ``floor`` are.
        pictures: (n, H, W, C) uint8, the translations.
        given: (n, H, W, C') what was translated.
        truths: (n, H, W, C) what should have come out, or None where nobody knows.
        reference: (m, d) features of B's training pictures.
        floor: (k, d) of B's held-out pictures.
        seed: of the run.
    Returns: ``metrics``, ``floor`` (held-out truths in the translations' place), ``unchanged`` (the given pictures in
        their place, where they have a shape that can be compared), ``leads``, ``excess``, ``summary``.
    """
    progress = progress or Progress()
    progress.start(f"Scoring {len(pictures):,} translations", len(pictures))
    try:
        ours = extractor.features(pictures, progress)
        shape = given.shape[1:3] == pictures.shape[1:3]
        plain = _with_channels(given, pictures.shape[-1]) if shape else None
        untouched = None if plain is None else extractor.features(plain)
    finally:
        progress.finish()
    real = as_features(reference, "reference", 4)
    theirs, known = moments(real), real_term(real)

    def distances(features: np.ndarray) -> dict[str, Any]:
        x = as_features(features, "scored", 4)
        return {"fd": frechet_estimate(x, theirs).as_dict(), "kid": kid(x, real, known).as_dict()}

    metrics, real_floor = distances(ours), distances(floor)
    unchanged = {} if untouched is None else distances(untouched)
    if truths is not None:
        metrics |= _against_truth(extractor, pictures, truths, seed)
        if plain is not None:
            unchanged |= _against_truth(extractor, plain, truths, seed)
    context = {"extractor": extractor.name, "checksum": extractor.checksum, "resize": extractor.resize}
    context |= {"n": len(pictures), "n_real": len(real), "split": "test", "seed": seed}
    score = {
        "metrics": {name: value | context for name, value in metrics.items()},
        "floor": {name: value | context | {"n": len(floor)} for name, value in real_floor.items()},
        "unchanged": {name: value | context for name, value in unchanged.items()},
        "excess": metrics["fd"]["value"] - real_floor["fd"]["value"],
        "leads": "fd",
        "uncertain": False,
    }
    return score | {"summary": _summary(score)}


def _against_truth(extractor: Any, pictures: np.ndarray, truths: np.ndarray, seed: int) -> dict[str, dict[str, float]]:
    rows = {"psnr": psnr(pictures, truths), "ssim": ssim(pictures, truths)}
    if hasattr(extractor, "maps"):
        rows["distance"] = perceptual_distance(extractor, pictures, truths)
    return {name: _mean(values, seed) for name, values in rows.items()}


def _mean(values: np.ndarray, seed: int) -> dict[str, float]:
    """The mean with the interval of a bootstrap over pictures."""
    drawn = np.random.default_rng(seed).integers(len(values), size=(RESAMPLES, len(values)))
    low, high = np.quantile(values[drawn].mean(1), [0.025, 0.975])
    return {"value": float(values.mean()), "low": float(low), "high": float(high)}


def _with_channels(pictures: np.ndarray, channels: int) -> np.ndarray | None:
    if pictures.shape[-1] == channels:
        return pictures
    return np.repeat(pictures, channels, -1) if pictures.shape[-1] == 1 else None


def _summary(score: dict[str, Any]) -> str:
    metrics, floor, unchanged = score["metrics"], score["floor"], score["unchanged"]
    fd = metrics["fd"]
    text = (
        f"FD-{fd['extractor']} of {fd['n']:,} translations against {fd['n_real']:,} training pictures of B: "
        f"{fd['value']:,.0f}, where {floor['fd']['n']:,} held-out pictures of B get {floor['fd']['value']:,.0f}"
    )
    if "fd" in unchanged:
        text += f" and the unchanged input gets {unchanged['fd']['value']:,.0f}"
    if "distance" in metrics:
        text += f"; distance from the truth {metrics['distance']['value']:.3f}"
        if "distance" in unchanged:
            text += f" (unchanged: {unchanged['distance']['value']:.3f})"
        text += f", PSNR {metrics['psnr']['value']:.1f} dB"
    return text + "."
