"""A small network trained as a critic between known densities, beside the best critic there is."""

import math

from torch import Tensor

from gansmith.lab.alone import bell, humps, learn
from gansmith.lab.densities import accuracy, critic_value, gaussian, line, total_variation
from gansmith.lab.drawing import Curve, moving_curves
from gansmith.lab.experiment import Experiment, Outcome, Setting
from gansmith.lab.rows import Row, near
from gansmith.objectives import LOSSES

HUMPS, HUMP = (-2.0, 2.0), 0.6
BELL = (0.5, 1.5)
STEPS, EVERY = 1500, 50
RANGE = (-6.0, 7.0)


def densities() -> tuple[Tensor, Tensor]:
    """Real: two humps. Generated: one broad bell over both."""
    left, right = (gaussian(mean, HUMP) for mean in HUMPS)
    return (left + right) / 2, gaussian(*BELL)


def play(setting: Setting) -> Outcome:
    """Train on samples alone; then compare with the densities, which the critic never saw."""
    p, q = densities()
    objective = LOSSES.get("non-saturating")
    setting.progress.message("Training a critic between two known densities.")
    seen = learn(objective, humps(HUMPS, HUMP), bell(*BELL), line(), seed=setting.seed, steps=STEPS, every=EVERY)
    best = p / (p + q)
    said = [f"step {i * EVERY:,}: {distance(logits, p, q):.3f} from the best" for i, logits in enumerate(seen)]
    scale = 0.95 / max(p.max(), q.max())
    curves = [Curve("real, p", "real"), Curve("generated, q", "fake"), Curve("best", "quiet"), Curve("learned", "ink")]
    figure = moving_curves(
        "A critic learns the share of real samples",
        "It is shown samples and whether they are real, never the densities. Its answer settles on the best one "
        "wherever samples fall; where none fall (far left) it is free to say anything.",
        line(),
        curves,
        [[p * scale, q * scale, best, logits.sigmoid()] for logits in seen],
        said,
        x_range=RANGE,
        still=len(seen) - 1,
    )
    return Outcome(_rows(seen[-1], p, q), [figure])


def distance(logits: Tensor, p: Tensor, q: Tensor) -> float:
    """Mean of |D - D*| over (p + q) / 2."""
    return float((p + q) / 2 @ (logits.sigmoid() - p / (p + q)).abs())


def _rows(logits: Tensor, p: Tensor, q: Tensor) -> list[Row]:
    objective = LOSSES.get("non-saturating")
    best = critic_value(objective, (p / q).log().clamp(-100, 100), p, q).item()
    most = (1 + total_variation(p, q).item()) / 2
    return [
        near("learned critic: mean of |D - D*|", 0.0, distance(logits, p, q), 0.02),
        near("learned critic: V", -best, -critic_value(objective, logits, p, q).item(), 0.02),
        near("learned critic: share of right answers", most, accuracy(logits, p, q), 0.01),
    ]


learned_critic = Experiment(
    play=play,
    chapter=2,
    title="A learned critic",
    lead="A network that sees only samples comes to the same answer.",
    words=(
        "Here the critic is a small network, trained with gansmith's own loss and its own training loop. Nobody plays "
        "against it: the generated density stays where it is.",
        "Cross-entropy is what makes this work. It is least, on average, when the critic says the true share of real "
        "samples at each place. Even the best critic is right no more often than (1 + TV) / 2, where TV is the total "
        f"variation, half the area between p and q. A V of {-math.log(4):.3f} would mean that it can tell nothing.",
    ),
)
