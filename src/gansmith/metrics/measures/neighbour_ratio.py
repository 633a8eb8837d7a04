"""Nearest-training-neighbour ratio: below 1, generated images are nearer to training images than new real ones are."""

from gansmith.core.errors import InputError
from gansmith.metrics.evidence import Evidence
from gansmith.metrics.interval import Estimate
from gansmith.metrics.metric import Metric


def compute(evidence: Evidence) -> dict[str, Estimate]:
    r"""``neighbour-ratio``, 0 or more; 0 where every image is a copy, 1 for new images like real ones.

    .. math:: \frac{\frac{1}{n} \sum_i \min_t d(x_i, t)}{\frac{1}{m} \sum_j \min_t d(y_j, t)}

    with x generated, y held-out real and t training rows.

    Check: equals a double loop; x = y gives 1, x = t gives 0.
    Source: the comparison is that of Meehan et al. 2020, arXiv:2004.05675, section 3, by means in place of ranks.
    """
    assert evidence.generated and evidence.real and evidence.training
    ours, theirs = (some.nearest(evidence.training)[0][:, 0].sqrt() for some in (evidence.generated, evidence.real))
    if not theirs.any():
        raise InputError("every held-out real image is also a training image; remove the duplicates")
    return {"neighbour-ratio": Estimate.mean(ours / theirs.mean(), lowest=0.0)}


neighbour_ratio = Metric(compute=compute, reads=("generated", "real", "training"), better={"neighbour-ratio": "real"})
