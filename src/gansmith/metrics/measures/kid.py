"""Kernel distance: unbiased at every number of images, so the one to trust with few."""

from gansmith.metrics import kid as formula
from gansmith.metrics.evidence import Evidence
from gansmith.metrics.interval import Estimate
from gansmith.metrics.metric import Metric


def compute(evidence: Evidence) -> dict[str, Estimate]:
    """``kid``: see ``metrics/kid.py``.

    Source: Binkowski et al. 2018, arXiv:1801.01401.
    """
    assert evidence.generated and evidence.real
    real = evidence.real
    return {"kid": formula.kid(evidence.generated.exact, real.exact, real.real_term)}


kid = Metric(compute=compute, reads=("generated", "real"), better={"kid": "lower"}, fewest=3)
