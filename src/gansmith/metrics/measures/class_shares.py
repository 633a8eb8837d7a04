"""Classes: the share of each among the generated images, and how many are lost."""

import numpy as np

from gansmith.metrics.evidence import Evidence
from gansmith.metrics.interval import LEVEL, Estimate, normal_reach
from gansmith.metrics.metric import Metric

LOST = 0.1


def lost(share: float, real: float) -> bool:
    """Whether a class with this share is drawn less than a tenth as often as in real images.

    Check: a class that real images are not seen to have is never lost.
    """
    return share < LOST * real


def compute(evidence: Evidence) -> dict[str, Estimate]:
    """``class-share/CLASS``, in [0, 1], for every class of the real images; and ``classes-lost``, a count.

    A class is lost when its share among the generated images is below a tenth of that among the real
    ones. The shares have Wilson's intervals, widened so that those of all classes hold together
    (Bonferroni); ``classes-lost`` counts at their upper ends, at the values, and at their lower ends, and
    its error is half the distance of the outer two over 1.96. So a class is surely lost where the upper
    end of its own share is below a tenth, and the lower end of the count says of how many that holds.

    It means something only where the labels of both sets were read off the images in the same way: see
    ``metrics/labels.py``. Labels that a generator was asked for say what was asked; and a rare class
    that is read wrongly would be missing in real images too, were these not read as well.

    Check: of real images no class is lost; of one class of ten all others are, and their upper ends say so.
    Source: the count of modes of Metz et al. 2017, arXiv:1611.02163, with a threshold.
    """
    assert evidence.generated_labels is not None and evidence.real_labels is not None
    real, n = np.bincount(evidence.real_labels), len(evidence.generated_labels)
    counts, present = np.bincount(evidence.generated_labels, minlength=len(real)), real.nonzero()[0].tolist()
    together = 1 - (1 - LEVEL) / len(present)
    shares = {label: Estimate.share(int(counts[label]), n, together) for label in present}
    surely, found, maybe = (
        float(sum(lost(getattr(share, end), real[label] / real.sum()) for label, share in shares.items()))
        for end in ("high", "value", "low")
    )
    count = Estimate(found, (maybe - surely) / (2 * normal_reach()), surely, maybe)
    named = {f"class-share/{evidence.class_name(label)}": share for label, share in shares.items()}
    return named | {"classes-lost": count}


class_shares = Metric(
    compute=compute,
    reads=("generated_labels", "real_labels"),
    better={"class-share": "real", "classes-lost": "lower"},
)
