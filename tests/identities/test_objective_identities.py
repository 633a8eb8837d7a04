"""Closed forms of the theory of GANs that the losses, the penalties and the game reproduce."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch import nn

from gansmith.core.schedule import constant
from gansmith.core.turns import Step
from gansmith.games.adversarial import Adversarial, Rules
from gansmith.objectives import LOSSES, PENALTIES

# name -> (critic's loss, generator's loss) where the critic cannot tell the two apart
AT_EQUALITY = {"non-saturating": (1.386294, 0.693147), "relativistic-pairing": (0.693147, 0.693147)}

P = np.array([0.05, 0.1, 0.2, 0.3, 0.25, 0.1])
Q = np.array([0.3, 0.25, 0.2, 0.1, 0.1, 0.05])


def expected(side, logits: torch.Tensor, p: np.ndarray = P, q: np.ndarray = Q) -> torch.Tensor:
    """The mean of a critic's loss over real ~ p and fake ~ q on finitely many points with these logits."""
    places = torch.cartesian_prod(torch.arange(len(p)), torch.arange(len(q)))
    weights = torch.from_numpy(p)[places[:, 0]] * torch.from_numpy(q)[places[:, 1]]
    return (weights * side(logits[places[:, 0]], logits[places[:, 1]])).sum()


def best_logits(side, p: np.ndarray = P, q: np.ndarray = Q) -> tuple[np.ndarray, float]:
    """The logits that minimise the expected critic's loss, found numerically, and the loss there."""

    def value_and_slope(x):
        logits = torch.from_numpy(x).requires_grad_()
        loss = expected(side, logits, p, q)
        loss.backward()
        return loss.item(), logits.grad.numpy().copy()

    found = minimize(value_and_slope, np.zeros(len(p)), jac=True, method="BFGS", options={"gtol": 1e-10})
    return found.x, found.fun


@pytest.mark.parametrize("name", AT_EQUALITY)
def test_values_where_nothing_can_be_told_apart(name):
    objective = LOSSES.get(name)
    zeros = torch.zeros(3, dtype=torch.float64)
    critic, generator = AT_EQUALITY[name]
    assert objective.critic(zeros, zeros).tolist() == pytest.approx([critic] * 3, abs=1e-6)
    assert objective.generator(zeros, zeros).tolist() == pytest.approx([generator] * 3, abs=1e-6)


@pytest.mark.parametrize("name", AT_EQUALITY)
def test_the_best_critic_is_the_log_of_the_ratio(name):
    """log p - log q; up to a constant where the loss sees differences only."""
    objective = LOSSES.get(name)
    logits, _ = best_logits(objective.critic)
    difference = logits - (np.log(P) - np.log(Q))
    if objective.pairs_real:
        difference -= difference.mean()
    assert np.abs(difference).max() < 1e-4


@pytest.mark.parametrize("name", AT_EQUALITY)
def test_the_best_critic_of_equal_distributions_cannot_tell(name):
    objective = LOSSES.get(name)
    logits, loss = best_logits(objective.critic, P, P)
    assert np.ptp(logits) < 1e-4 and loss == pytest.approx(AT_EQUALITY[name][0], abs=1e-6)


def test_the_value_of_the_game_is_the_jensen_shannon_divergence():
    """V(D*, G) = -log 4 + 2 JSD, and 0 on disjoint supports."""

    def kl(p, q):
        return (p * np.log(p / q)).sum()

    critic = LOSSES.get("non-saturating").critic
    middle = (P + Q) / 2
    divergence = (kl(P, middle) + kl(Q, middle)) / 2
    assert -best_logits(critic)[1] == pytest.approx(-math.log(4) + 2 * divergence, abs=1e-8)
    certain = torch.tensor([40.0], dtype=torch.float64)
    assert critic(certain, -certain).item() == pytest.approx(0, abs=1e-12)


def test_the_non_saturating_generator_learns_where_the_minimax_one_cannot():
    """By the logit of a fake: d log(1 - D) is -D, d(-log D) is -(1 - D); at -10 the ratio is e^10 = 22026."""
    logit = torch.tensor([-10.0], dtype=torch.float64, requires_grad=True)
    (ours,) = torch.autograd.grad(LOSSES.get("non-saturating").generator(None, logit).sum(), logit)
    (minimax,) = torch.autograd.grad(torch.log(1 - torch.sigmoid(logit)).sum(), logit)
    assert ours.item() == pytest.approx(-(1 - torch.sigmoid(logit).item()), abs=1e-12)
    assert ours.item() / minimax.item() == pytest.approx(math.exp(10), rel=1e-9)
    assert round(ours.item() / minimax.item()) == 22026


def test_the_relativistic_losses_see_differences_only():
    objective = LOSSES.get("relativistic-pairing")
    real, fake = torch.randn(2, 7, dtype=torch.float64)
    for side in (objective.critic, objective.generator):
        assert torch.allclose(side(real + 5.5, fake + 5.5), side(real, fake), atol=1e-12)
    assert torch.equal(objective.generator(real, fake), objective.critic(fake, real))


# --- the game: a penalty's weight, its halves, and how often it is due


class Slope(nn.Module):
    """D(x) = <w, x>."""

    def __init__(self, w: torch.Tensor):
        super().__init__()
        self.w = nn.Parameter(w)

    def forward(self, x, labels=None):
        return (x * self.w).sum((1, 2, 3))


class Point(nn.Module):
    """Every image is the same one, whatever the latent."""

    def __init__(self, image: torch.Tensor):
        super().__init__()
        self.image = nn.Parameter(image)

    def forward(self, z, labels=None):
        return self.image.expand(len(z), *self.image.shape)


def game(penalty: str | None, gamma: float, every: int = 1, objective: str = "non-saturating", w=0.5, at=0.25):
    rules = Rules(
        latent=2,
        objective=LOSSES.get(objective),
        penalty=PENALTIES.get(penalty) if penalty else None,
        gamma=constant(gamma),
        penalty_every=every,
    )
    image = torch.full((1, 2, 2), at, dtype=torch.float64)
    return Adversarial(Point(image), Slope(torch.full_like(image, w)), rules)


def step(index: int = 0, count: int = 3) -> Step:
    return Step(index, 0, 0.0, 0, torch.zeros(count, 1, 2, 2, dtype=torch.float64))


@pytest.mark.parametrize("name", PENALTIES.names)
def test_half_of_gamma_weighs_a_penalty_once_for_each_place_it_is_taken_at(name):
    """At D = <w, x> each place gives ||w||^2 = 1; a penalty due every third step counts three times."""
    places = 2 if PENALTIES.get(name).at == "both" else 1
    for every in (1, 3):
        with_it = game(name, 0.8, every).critic_loss(step(0))
        without = game(None, 0.0).critic_loss(step(0))
        assert (with_it - without).tolist() == pytest.approx([0.8 / 2 * every * places] * 3)
    not_due = game(name, 0.8, 3).critic_loss(step(1))
    assert torch.equal(not_due, without)


def speeds(theta: float, psi: float, **rules) -> np.ndarray:
    """Where (theta, psi) are pulled in the Dirac-GAN: data at 0, a generator at theta, D(x) = psi x."""
    played = game(w=psi, at=theta, **rules)
    for player in played.players.values():  # one number each
        for name, weight in list(player.named_parameters()):
            setattr(player, name, nn.Parameter(weight.detach()[:, :1, :1].clone()))
    now = Step(0, 0, 0.0, 0, torch.zeros(1, 1, 1, 1, dtype=torch.float64))
    critic, generator = played.players["critic"], played.players["generator"]
    (by_psi,) = torch.autograd.grad(played.critic_loss(now).mean(), critic.w)
    (by_theta,) = torch.autograd.grad(played.generator_loss(now).mean(), generator.image)
    return np.array([-by_theta.item(), -by_psi.item()])


def eigenvalues(**rules) -> np.ndarray:
    """Of the Jacobian of the speeds at the equilibrium, by central differences."""
    h = 1e-5
    columns = [(speeds(*(h * axis), **rules) - speeds(*(-h * axis), **rules)) / (2 * h) for axis in np.eye(2)]
    return np.linalg.eigvals(np.stack(columns, 1))


@pytest.mark.parametrize("objective", AT_EQUALITY)
def test_without_a_penalty_the_dirac_gan_circles(objective):
    found = eigenvalues(penalty=None, gamma=0.0, objective=objective)
    assert sorted(found.imag) == pytest.approx([-0.5, 0.5], abs=1e-6) and found.real == pytest.approx([0, 0], abs=1e-6)


@pytest.mark.parametrize("gamma", [0.3, 2.0])
@pytest.mark.parametrize("name", ["r1", "r2", "r1-r2"])
@pytest.mark.parametrize("objective", AT_EQUALITY)
def test_with_a_penalty_the_dirac_gan_converges_at_the_known_rate(objective, name, gamma):
    """-g/2 +- sqrt(g^2/4 - 1/4) for R1 or R2, -g +- sqrt(g^2 - 1/4) for both (Mescheder et al. 2018)."""
    half = gamma if name == "r1-r2" else gamma / 2
    root = np.sqrt(complex(half**2 - 0.25))
    expected_values = np.array([-half - root, -half + root])
    found = eigenvalues(penalty=name, gamma=gamma, objective=objective)
    assert np.abs(np.sort_complex(found) - np.sort_complex(expected_values)).max() < 1e-5
    assert (found.real < 0).all()


# --- the shared fakes


def test_the_generator_learns_from_the_critics_fakes_what_it_would_from_drawing_them_again():
    played = game(None, 0.0)
    shared = step(4)
    played.critic_loss(shared)
    again = step(4)
    again.cache["fake"] = played._draw(again, "latent")
    weight = played.players["generator"].image
    gradients = [torch.autograd.grad(played.generator_loss(each).mean(), weight)[0] for each in (shared, again)]
    assert torch.equal(*gradients) and gradients[0].abs().sum() > 0
