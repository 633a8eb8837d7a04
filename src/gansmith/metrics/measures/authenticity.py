"""Authenticity: the share of images that are no nearer to a training image than training images are to each other."""

from gansmith.metrics.evidence import Evidence
from gansmith.metrics.interval import Estimate
from gansmith.metrics.metric import Metric


def compute(evidence: Evidence) -> dict[str, Estimate]:
    r"""``authenticity``, in [0, 1], with Wilson's interval.

    A generated row x with nearest training row t is authentic where

    .. math:: d(x, t) > \min_{t' \ne t} d(t, t')

    Held-out real images do not get 1 either: look at the floor.

    Check: equals a double loop, ties excepted; copies of training images get 0.
    Source: Alaa et al. 2022, arXiv:2102.08921, with one ball for each training row.
    """
    assert evidence.generated and evidence.training
    distances, rows = (found[:, 0] for found in evidence.generated.nearest(evidence.training))
    authentic = distances > evidence.training.spacing(rows)
    return {"authenticity": Estimate.share(int(authentic.sum()), len(authentic))}


authenticity = Metric(compute=compute, reads=("generated", "training"), better={"authenticity": "higher"})
