r"""What the games of the f-GAN family share: a divergence as the best value of a critic.

.. math::
    D_f(P \Vert Q) = \sum_x q(x) f\left(\frac{p(x)}{q(x)}\right)
        = \max_v E_P[g_f(v(x))] - E_Q[f^*(g_f(v(x)))]

v is the critic's logit, g_f the output activation that maps it into the domain of f*, the convex
conjugate of f on u >= 0. The critic ascends that value. The generator descends the same value: at the
best critic its gradient is that of the divergence, so each game does what its name says. The paper's
alternative for it, to raise E_Q[g_f(v)], learns faster where fakes are easily told, but descends
another divergence (for KL it is the reverse one).

Source: Nowozin et al. 2016, arXiv:1606.00709, equations (4) to (6) and tables 1, 2 and 6.
"""

from collections.abc import Callable

from torch import Tensor

from gansmith.objectives import Objective

EXACT_TO = 80.0
# The largest share, among the powers of two, that keeps the sum of two such terms finite in float32 at 10^4.
SHARE_OF_SLOPE = 0.25


def exponential(v: Tensor) -> Tensor:
    r"""The exponential up to 80, continued by a line: it rises on, and stays finite in float32 up to 10^4.

    .. math:: e^{\min(v, 80)} (1 + \tfrac14 \max(v - 80, 0))

    A tangent at 80 would overflow before 10^4. No batch can show a ratio of densities of e^80, so the
    kink is where only a broken critic gets.

    Check: e^v exactly up to v = 80; beyond, the slope stays a quarter of e^80.
    """
    exact = v.clamp(max=EXACT_TO)
    return exact.exp() * (1 + SHARE_OF_SLOPE * (v - exact))


def f_gan(
    activation: Callable[[Tensor], Tensor],
    conjugate: Callable[[Tensor], Tensor],
    lipschitz: bool = False,
    sign_tells: bool = True,
) -> Objective:
    """The two-player game of one divergence.

    Args:
        activation: v -> g_f(v), never falling, so that a larger logit is a stronger belief in real.
        conjugate: v -> f*(g_f(v)), already composed: most exponentials cancel.
        lipschitz: where p and q do not overlap the divergence is infinite, and so the critic's side has
            no lower bound on two finite batches.
        sign_tells: the best critic's v is 0 where p = q.
    Check: the critic's least loss is minus the divergence; the generator's gradient there is the divergence's.
    """

    def critic_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        return conjugate(fake_logits) - activation(real_logits)

    def generator_loss(real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
        return -conjugate(fake_logits)

    return Objective(critic_loss, generator_loss, lipschitz=lipschitz, sign_tells=sign_tells)
