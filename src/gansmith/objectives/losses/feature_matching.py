r"""Feature matching: G matches the mean of the critic's features, while D plays the non-saturating game.

.. math:: L_G = \left\lVert \overline{f(x)} - \overline{f(G(z))} \right\rVert_2^2

f are features from inside the critic, the bars means over the batch.

Source: Salimans et al. 2016, arXiv:1606.03498, section 3.1.
"""

from torch import Tensor

from gansmith.objectives import Objective
from gansmith.objectives.losses.non_saturating import critic_loss


def generator_loss(real_features: Tensor | None, fake_features: Tensor) -> Tensor:
    """(N, F), (N, F) -> (N,), the batch's one value on every row. Check: 0 where the two means are equal."""
    assert real_features is not None, "feature matching compares fakes with real images"
    gap = real_features.mean(0) - fake_features.mean(0)
    return gap.square().sum().expand(len(fake_features))


feature_matching = Objective(critic_loss, generator_loss, pairs_real=True, reads_features=True)
