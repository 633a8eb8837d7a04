"""Kernel distance within each class: which classes are drawn well and which badly."""

import numpy as np
import torch

from gansmith.metrics.evidence import Evidence, Features
from gansmith.metrics.interval import Estimate
from gansmith.metrics.kid import kid
from gansmith.metrics.metric import Metric

FEWEST = 10


def compute(evidence: Evidence) -> dict[str, Estimate]:
    """``class-kid/CLASS``: KID of the generated images of a class against the real ones of that class.

    KID, as it has no bias with the few images that a class has. A class with fewer than ten generated or
    ten real images is left out here; ``class-shares`` counts it.

    Check: equals ``kid`` on the rows of the class.
    Source: Binkowski et al. 2018, arXiv:1801.01401; within classes as in Benny et al. 2020, arXiv:2004.12361.
    """
    assert evidence.generated and evidence.real
    return {
        f"class-kid/{evidence.class_name(label)}": kid(
            _of_class(evidence.generated, evidence.generated_labels, label),
            _of_class(evidence.real, evidence.real_labels, label),
        )
        for label in _enough(evidence)
    }


def _enough(evidence: Evidence) -> np.ndarray:
    """The labels that at least ten generated and ten real images have."""
    assert evidence.generated_labels is not None and evidence.real_labels is not None
    labels, theirs = np.unique(evidence.real_labels, return_counts=True)
    ours = (np.asarray(evidence.generated_labels) == labels[:, None]).sum(1)
    return labels[(ours >= FEWEST) & (theirs >= FEWEST)]


def _of_class(rows: Features, labels: np.ndarray | None, label: int) -> torch.Tensor:
    return rows.exact[torch.from_numpy(np.asarray(labels) == label)]


def _refuses(evidence: Evidence) -> str | None:
    if len(_enough(evidence)):
        return None
    return f"no class has {FEWEST} generated and {FEWEST} real images; draw more"


class_kid = Metric(
    compute=compute,
    reads=("generated", "real", "generated_labels", "real_labels"),
    better={"class-kid": "lower"},
    fewest=FEWEST,
    refuses=_refuses,
)
