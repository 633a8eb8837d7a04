"""What the generator feels when the critic is sure: the minimax game's gradient vanishes, the other's does not."""

import torch
from torch import Tensor

from gansmith.lab.experiment import Experiment, Outcome, Setting
from gansmith.lab.rows import relative
from gansmith.objectives import LOSSES
from gansmith.report.charts import Chart, Series, draw

SURE = -10.0


def slopes(name: str, logits: Tensor) -> Tensor:
    """(N,): the derivative of a game's generator loss by the logit of a fake."""
    leaf = logits.clone().requires_grad_()
    return torch.autograd.grad(LOSSES.get(name).generator(None, leaf).sum(), leaf)[0]


def play(setting: Setting) -> Outcome:
    """The slopes where the critic gives a fake the logit -10, and on the way there."""
    at = torch.tensor([SURE], dtype=torch.float64)
    minimax, other = slopes("minimax", at), slopes("non-saturating", at)
    rows = [
        relative("logit -10: slope of log(1 - D)", -at.sigmoid().item(), minimax.item(), 1e-9),
        relative("logit -10: slope of -log D", -(1 - at.sigmoid()).item(), other.item(), 1e-9),
        relative("logit -10: ratio of the slopes", (-at).exp().item(), (other / minimax).item(), 1e-9),
    ]
    logits = torch.linspace(-12, 4, 161, dtype=torch.float64)
    chart = Chart(
        "How strongly the generator is pushed",
        "By the critic's logit of a fake, on a logarithmic scale. To the left the critic is sure that it is fake: "
        "there a generator needs the push most, and log(1 - D) gives it none.",
        [
            Series("minimax, log(1 - D)", _points(logits, slopes("minimax", logits)), "fake"),
            Series("non-saturating, -log D", _points(logits, slopes("non-saturating", logits)), "real"),
        ],
        log=True,
    )
    return Outcome(rows, [draw(chart)])


def _points(logits: Tensor, values: Tensor) -> list[tuple[float, float | None]]:
    return [(x, y) for x, y in zip(logits.tolist(), values.abs().tolist(), strict=True)]


vanishing_gradient = Experiment(
    play=play,
    chapter=3,
    title="When the critic is sure",
    lead="Two losses with the same aim and very different pushes.",
    words=(
        "The generator may either make the probability of being called fake small (the minimax game: minimise "
        "log(1 - D)) or make the probability of being called real large (the non-saturating game: minimise -log D). "
        "Both want the same, but at the start of training fakes are bad and the critic knows it.",
        "At a logit of -10 the critic gives a fake one chance in 22,000 of being real. The minimax loss is flat "
        "there: its slope is -D. The other's slope is -(1 - D), nearly 1. Their ratio is e to the 10, or 22,026. That "
        "is why nobody trains generators on the formula that is printed first.",
    ),
)
