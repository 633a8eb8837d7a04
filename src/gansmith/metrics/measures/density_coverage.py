"""Density and coverage: precision and recall that one stray image cannot spoil."""

import torch

from gansmith.metrics._features import row_blocks
from gansmith.metrics.evidence import Evidence
from gansmith.metrics.interval import Estimate
from gansmith.metrics.metric import Metric
from gansmith.metrics.neighbours import squared_distances

NEIGHBOUR = 5


def compute(evidence: Evidence) -> dict[str, Estimate]:
    r"""``density``, 0 or more, near 1 for real images; and ``coverage``, in [0, 1].

    .. math:: density = \frac{1}{k n} \sum_{ij} [d(x_i, y_j) \le r_j], \quad
              coverage = \frac{1}{m} \sum_j [\min_i d(x_i, y_j) \le r_j]

    with x the n generated rows, y the m real ones, and r_j the distance of y_j to its k-th nearest other
    real row, k = 5. Density is a mean over generated rows; coverage has the delete-one jackknife: without
    x_i those real rows are lost that it alone covers.

    Check: equals a double loop, ties excepted; the jackknife equals leaving out each row in turn; for
        generated images like the real ones the expectations are 1, and 1 - C(m - 1, k) / C(n + m - 1, k).
    Source: Naeem et al. 2020, arXiv:2002.09797.
    """
    assert evidence.generated and evidence.real
    x, y, radii = evidence.generated.exact, evidence.real.exact, evidence.real.radii(NEIGHBOUR)
    around = torch.empty(len(x), dtype=torch.float64)
    count, first = torch.zeros(len(y), dtype=torch.long), torch.zeros(len(y), dtype=torch.long)
    for rows in row_blocks(len(x), len(y)):
        inside = squared_distances(x[rows], y) <= radii
        around[rows] = inside.sum(1).double() / NEIGHBOUR
        found = inside.sum(0)
        first = torch.where((count == 0) & (found > 0), rows.start + inside.int().argmax(0), first)
        count += found
    covered = int((count > 0).sum())
    alone = torch.bincount(first[count == 1], minlength=len(x)).double()
    return {
        "density": Estimate.mean(around, lowest=0.0),
        "coverage": Estimate.jackknife(covered / len(y), (covered - alone) / len(y), lowest=0.0, highest=1.0),
    }


density_coverage = Metric(
    compute=compute,
    reads=("generated", "real"),
    better={"density": "higher", "coverage": "higher"},
    fewest=NEIGHBOUR + 1,
)
