"""Two parallel lines that share no point: only the earth mover's distance says how far apart they are."""

import math

import torch
from torch import Tensor

from gansmith.lab.densities import jensen_shannon, kl
from gansmith.lab.experiment import Experiment, Outcome, Setting
from gansmith.lab.rows import Row, near
from gansmith.objectives import LOSSES
from gansmith.report.charts import Chart, Series, draw

HEIGHTS = 50
APART = (0.5, -1.25)


def lines(theta: float) -> tuple[Tensor, Tensor, Tensor]:
    """Places (K, 2) on the lines x = 0 and x = theta, and the shares of each place in the two."""
    heights = torch.linspace(0, 1, HEIGHTS, dtype=torch.float64)
    places = torch.cat([torch.cartesian_prod(torch.tensor([x], dtype=torch.float64), heights) for x in (0.0, theta)])
    first = torch.cat([torch.ones(HEIGHTS), torch.zeros(HEIGHTS)]).double() / HEIGHTS
    return places, first, first.flip(0)


def best_plane(theta: float) -> tuple[Tensor, float]:
    """The best critic <w, x> with |w| at most 1 in the Wasserstein game, and its value.

    The value is linear in w, so its gradient is the best direction; and as |w| <= 1 bounds what a
    critic can gain by the distance carried, and every point is carried straight across, no critic of
    slope 1 does better.
    """
    places, p, q = lines(theta)
    w = torch.zeros(2, dtype=torch.float64, requires_grad=True)

    def value(w: Tensor) -> Tensor:
        logits = places @ w
        pairs = torch.cartesian_prod(torch.arange(len(p)), torch.arange(len(q)))
        loss = LOSSES.get("wasserstein").critic(logits[pairs[:, 0]], logits[pairs[:, 1]])
        return -(torch.outer(p, q).flatten() @ loss)

    (uphill,) = torch.autograd.grad(value(w), w)
    best = uphill / uphill.norm()
    return best, value(best).item()


def play(setting: Setting) -> Outcome:
    """The distances for two places of the second line."""
    rows = [row for theta in APART for row in _rows(theta)]
    apart = [0.05 * step for step in range(-40, 41)]
    chart = Chart(
        "Two parallel lines, by the place of the second",
        "The Jensen-Shannon divergence is log 2 wherever the lines do not meet and 0 where they do: it has a jump and "
        "no slope, so a generator cannot follow it. W falls all the way.",
        [
            Series("earth mover, W", [(t, abs(t)) for t in apart], "real"),
            Series("Jensen-Shannon", [(t, 0.0 if abs(t) < 1e-9 else math.log(2)) for t in apart], "fake"),
        ],
    )
    return Outcome(rows, [draw(chart)])


def _rows(theta: float) -> list[Row]:
    _, p, q = lines(theta)
    slope, value = best_plane(theta)
    return [
        near(f"second line at {theta:g}: W", abs(theta), value),
        near(f"second line at {theta:g}: slope of the best critic across", -math.copysign(1, theta), slope[0].item()),
        near(f"second line at {theta:g}: JSD", math.log(2), jensen_shannon(p, q).item()),
        near(f"second line at {theta:g}: exp(-KL), as KL is infinite", 0.0, (-kl(p, q)).exp().item()),
    ]


parallel_lines = Experiment(
    play=play,
    chapter=5,
    title="Two lines that do not meet",
    lead="Real pictures are thin in the space of all pictures; so are generated ones.",
    words=(
        "Real pictures fill a thin sheet in the space of all pictures, and so do generated ones. Two thin sheets "
        "hardly ever meet. Two parallel lines are the simplest such case: the data on x = 0, the generator on x = t.",
        "As long as t is not 0 a critic can be perfectly right, KL is infinite and JSD is log 2, whether the lines are "
        "near or far. A critic whose slope is bounded still says which way to go and how far: that is the Wasserstein "
        "game, and one reason for gradient penalties, terms in the critic's loss that keep its slope small.",
    ),
)
