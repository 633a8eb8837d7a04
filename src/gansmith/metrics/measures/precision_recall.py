"""Precision and recall: which share looks real, and which share of real images is covered."""

from gansmith.metrics.evidence import Evidence
from gansmith.metrics.interval import Estimate
from gansmith.metrics.metric import Metric
from gansmith.metrics.precision_recall import NEIGHBOUR, precision_recall_estimates


def compute(evidence: Evidence) -> dict[str, Estimate]:
    """``precision`` and ``recall``, in [0, 1]: see ``metrics/precision_recall.py``.

    Source: Kynkaanniemi et al. 2019, arXiv:1904.06991.
    """
    assert evidence.generated and evidence.real
    real = evidence.real
    precision, recall = precision_recall_estimates(evidence.generated.exact, real.exact, real.radii(NEIGHBOUR))
    return {"precision": precision, "recall": recall}


precision_recall = Metric(
    compute=compute,
    reads=("generated", "real"),
    better={"precision": "higher", "recall": "higher"},
    fewest=NEIGHBOUR + 2,
)
