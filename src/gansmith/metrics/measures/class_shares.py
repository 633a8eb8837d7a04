"""Classes: the share of each among the generated images, and how many are lost."""

import numpy as np

from gansmith.metrics.evidence import Evidence
from gansmith.metrics.interval import Estimate, normal_reach
from gansmith.metrics.metric import Metric

LOST = 0.1


def compute(evidence: Evidence) -> dict[str, Estimate]:
    """``class-share/CLASS``, in [0, 1], for every class of the real images; and ``classes-lost``, a count.

    A class is lost when its share among the generated images is below a tenth of that among the real
    ones. The shares have Wilson's intervals. The ends of ``classes-lost`` count the classes that are lost
    at the upper and at the lower end of their intervals, these widened so that all hold together
    (Bonferroni); its error is half the distance of the ends over 1.96.

    It means something only where the generated labels were read off the images: see
    ``metrics/labels.py``. Labels that a generator was asked for say what was asked.

    Check: of real images no class is lost; of one class of ten all others are.
    Source: the count of modes of Metz et al. 2017, arXiv:1611.02163, with a threshold.
    """
    assert evidence.generated_labels is not None and evidence.real_labels is not None
    real = np.bincount(evidence.real_labels)
    present, n = real.nonzero()[0].tolist(), len(evidence.generated_labels)
    counts = np.bincount(evidence.generated_labels, minlength=len(real))
    least = LOST * real / len(evidence.real_labels)
    together = 1 - 0.05 / len(present)
    wide = {label: Estimate.share(int(counts[label]), n, together) for label in present}
    surely, lost, maybe = (
        float(sum(getattr(wide[label], end) < least[label] for label in present)) for end in ("high", "value", "low")
    )
    error = (maybe - surely) / (2 * normal_reach())
    shares = {f"class-share/{evidence.class_name(c)}": Estimate.share(int(counts[c]), n) for c in present}
    return shares | {"classes-lost": Estimate(lost, error, surely, maybe)}


class_shares = Metric(
    compute=compute,
    reads=("generated_labels", "real_labels"),
    better={"class-share": "real", "classes-lost": "lower"},
)
