"""Fréchet distance: how far apart two sets of features lie, taken as Gaussians."""

from gansmith.metrics.evidence import Evidence
from gansmith.metrics.frechet import frechet_estimate
from gansmith.metrics.interval import Estimate
from gansmith.metrics.metric import Metric


def compute(evidence: Evidence) -> dict[str, Estimate]:
    """``fd``: see ``metrics/frechet.py``. With fewer images than features the covariance is singular.

    Source: Heusel et al. 2017, arXiv:1706.08500.
    """
    assert evidence.generated and evidence.real
    return {"fd": frechet_estimate(evidence.generated.exact, evidence.real.moments)}


fd = Metric(compute=compute, reads=("generated", "real"), better={"fd": "lower"}, widths=1)
