r"""The smallest GAN: the data are one point, the generator is one point, the critic is one slope.

Data at 0, generator at :math:`\theta`, critic :math:`D(x) = \psi x`. The losses and penalties are gansmith's own,
in their own sign: D is high at real samples. Mescheder et al. write D high at generated ones, so
their :math:`\psi` is minus ours and their start (1, 1) is (1, -1) here; distances and eigenvalues
are the same.

Source: Mescheder et al. 2018, arXiv:1801.04406, sections 2 and 3.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gansmith.core.progress import Progress
from gansmith.objectives import LOSSES, PENALTIES

STEP_SIZE = 0.2
START = (1.0, -1.0)
NODES = 12
REPORT_EVERY = 500

Path = list[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Dirac:
    """One such game.

    Attributes:
        objective: a registered loss.
        penalty: a registered penalty on the critic, or None.
        gamma: multiplies half the penalty, whatever factor its own paper writes.
        noise: standard deviation of Gaussian noise on what the critic sees, taken in expectation.
        consensus: weight of half the squared length of the field, which both players then descend too.
    """

    objective: str
    penalty: str | None = None
    gamma: float = 0.0
    noise: float = 0.0
    consensus: float = 0.0

    def critic_loss(self, theta: Tensor, psi: Tensor) -> Tensor:
        """A scalar, to be minimised by the slope; the penalty included."""
        real, fake, weights = self._places(theta)
        loss = LOSSES.get(self.objective).critic(psi * real, psi * fake) @ weights
        return loss if self.penalty is None else loss + self.gamma / 2 * _penalty_term(self.penalty, theta, psi)

    def generator_loss(self, theta: Tensor, psi: Tensor) -> Tensor:
        """A scalar, to be minimised by the generator's place."""
        real, fake, weights = self._places(theta)
        return LOSSES.get(self.objective).generator(psi * real, psi * fake) @ weights

    def field(self, point: Tensor) -> Tensor:
        """(2,) = (theta, psi) -> (2,): where both players move. Differentiable by the point."""
        theta, psi = point
        (down_theta,) = torch.autograd.grad(self.generator_loss(theta, psi), theta, create_graph=True)
        (down_psi,) = torch.autograd.grad(self.critic_loss(theta, psi), psi, create_graph=True)
        field = -torch.stack([down_theta, down_psi])
        if not self.consensus:
            return field
        (uphill,) = torch.autograd.grad(field.square().sum() / 2, point, create_graph=True)
        return field - self.consensus * uphill

    def jacobian(self, theta: float = 0.0, psi: float = 0.0) -> Tensor:
        """(2, 2): the field's derivative, by autograd, at the equilibrium unless elsewhere."""
        point = torch.tensor([theta, psi], dtype=torch.float64)
        return torch.autograd.functional.jacobian(self.field, point)  # pyright: ignore[reportReturnType]

    def eigenvalues(self) -> np.ndarray:
        """The two eigenvalues at the equilibrium: the one with the larger real, then imaginary part first."""
        values = np.linalg.eigvals(self.jacobian().numpy())
        return np.array(sorted(values.astype(complex), key=lambda value: (-round(value.real, 9), -value.imag)))

    def _places(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Real and fake places and the weight of each pair; with noise, a Gauss-Hermite grid."""
        if not self.noise:
            return torch.zeros_like(theta).expand(1), theta.expand(1), torch.ones_like(theta).expand(1)
        nodes, weights = (torch.from_numpy(part) for part in np.polynomial.hermite_e.hermegauss(NODES))
        weights = weights / weights.sum()
        pairs = torch.cartesian_prod(nodes, nodes) * self.noise
        return pairs[:, 0], theta + pairs[:, 1], torch.outer(weights, weights).flatten()


def _penalty_term(name: str, theta: Tensor, psi: Tensor) -> Tensor:
    """A penalty's term, where it is taken; the two places of "both" are added."""
    penalty = PENALTIES.get(name)
    total = torch.zeros_like(psi)
    for share in {"real": [0.0], "fake": [1.0], "both": [0.0, 1.0], "between": [0.5]}[penalty.at]:
        x = (share * theta.detach()).reshape(1, 1).requires_grad_()
        total = total + penalty.term(lambda x: (psi * x).squeeze(1), x, (psi * x).squeeze(1)).sum()
    return total


def simultaneous(field: Callable[[Tensor], Tensor], steps: int) -> Path:
    """Both players move at once, by the step size times the field; every point on the way."""
    return list(_walk(lambda point: point + STEP_SIZE * field(_leaf(point)).detach(), steps, START))


def alternating(game: Dirac, steps: int, progress: Progress | None = None) -> Path:
    """The critic moves, then the generator, as gansmith's trainer plays; every point on the way."""

    def move(point: Tensor) -> Tensor:
        theta, psi = point
        psi = _step(lambda psi: game.critic_loss(theta, psi), psi)
        theta = _step(lambda theta: game.generator_loss(theta, psi), theta)
        return torch.stack([theta, psi])

    path = []
    for point in _walk(move, steps, START):
        path.append(point)
        if progress is not None and len(path) % REPORT_EVERY == 0:
            progress.advance(len(path))
    return path


def distance(point: tuple[float, float]) -> float:
    """From the equilibrium, where the generator is on the data and the critic is flat."""
    return float(np.hypot(*point))


def _walk(move: Callable[[Tensor], Tensor], steps: int, start: tuple[float, float]) -> Iterator[tuple[float, float]]:
    point = torch.tensor(start, dtype=torch.float64)
    yield start
    for _ in range(steps):
        point = move(point)
        yield float(point[0]), float(point[1])


def _step(loss: Callable[[Tensor], Tensor], at: Tensor) -> Tensor:
    leaf = _leaf(at)
    return at - STEP_SIZE * torch.autograd.grad(loss(leaf), leaf)[0]


def _leaf(point: Tensor) -> Tensor:
    return point.detach().clone().requires_grad_()
