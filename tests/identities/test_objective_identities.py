"""Closed forms of the theory of GANs that the losses, the penalties and the game reproduce."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import linprog, minimize
from scipy.stats import wasserstein_distance
from torch import nn

from gansmith.core.schedule import constant
from gansmith.core.turns import Step
from gansmith.games.adversarial import Adversarial, Rules
from gansmith.objectives import LOSSES, PENALTIES, directions
from gansmith.objectives.fgan import exponential

# name -> (the logit of a critic that cannot tell the two apart, the critic's loss there, the generator's)
AT_EQUALITY = {
    "non-saturating": (0, 1.386294, 0.693147),
    "minimax": (0, 1.386294, -0.693147),
    "relativistic-pairing": (0, 0.693147, 0.693147),
    "relativistic-average": (0, 1.386294, 1.386294),
    "least-squares": (0.5, 0.25, 0.125),
    "hinge": (0, 2, 0),
    "wasserstein": (0, 0, 0),
    "fgan-kl": (1, 0, -1),
    "fgan-reverse-kl": (0, 0, 1),
    "fgan-pearson": (0, 0, 0),
    "fgan-jensen-shannon": (0, 0, 0),
    "fgan-squared-hellinger": (0, 0, 0),
}

# name -> the best critic's logit where real is u = p / q times as dense as generated
BEST_LOGIT = {
    "non-saturating": np.log,
    "minimax": np.log,
    "relativistic-pairing": np.log,
    "least-squares": lambda u: u / (1 + u),
    "fgan-kl": lambda u: 1 + np.log(u),
    "fgan-reverse-kl": np.log,
    "fgan-pearson": lambda u: 2 * (u - 1),
    "fgan-jensen-shannon": np.log,
    "fgan-squared-hellinger": lambda u: np.log(u) / 2,
}


def kl(p, q):
    return (p * (p / q).log()).sum()


def jensen_shannon(p, q):
    return (kl(p, (p + q) / 2) + kl(q, (p + q) / 2)) / 2


# name -> the value of the game at the best critic, which the generator descends
DIVERGENCE = {
    "minimax": lambda p, q: 2 * jensen_shannon(p, q) - math.log(4),
    "fgan-kl": kl,
    "fgan-reverse-kl": lambda p, q: kl(q, p),
    "fgan-pearson": lambda p, q: ((p - q).square() / q).sum(),
    "fgan-jensen-shannon": lambda p, q: 2 * jensen_shannon(p, q),
    "fgan-squared-hellinger": lambda p, q: (p.sqrt() - q.sqrt()).square().sum(),
}

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


# --- losses


@pytest.mark.parametrize("name", AT_EQUALITY)
def test_values_where_nothing_can_be_told_apart(name):
    objective = LOSSES.get(name)
    logit, critic, generator = AT_EQUALITY[name]
    same = torch.full((3,), logit, dtype=torch.float64)
    assert objective.critic(same, same).tolist() == pytest.approx([critic] * 3, abs=1e-6)
    assert objective.generator(same, same).tolist() == pytest.approx([generator] * 3, abs=1e-6)


@pytest.mark.parametrize("name", BEST_LOGIT)
def test_the_best_critic_is_a_function_of_the_ratio(name):
    """log p - log q of the logistic ones; up to a constant where the loss sees differences only."""
    objective = LOSSES.get(name)
    logits, _ = best_logits(objective.critic)
    difference = logits - BEST_LOGIT[name](P / Q)
    if objective.pairs_real:
        difference -= difference.mean()
    assert np.abs(difference).max() < 1e-4


@pytest.mark.parametrize("name", BEST_LOGIT)
def test_the_best_critic_of_equal_distributions_cannot_tell(name):
    objective = LOSSES.get(name)
    logits, loss = best_logits(objective.critic, P, P)
    assert np.ptp(logits) < 1e-4 and loss == pytest.approx(AT_EQUALITY[name][1], abs=1e-6)
    if not objective.pairs_real:
        assert logits == pytest.approx(np.full(len(P), AT_EQUALITY[name][0]), abs=1e-4)


@pytest.mark.parametrize("name", DIVERGENCE)
def test_the_value_of_the_game_is_a_divergence(name):
    """At the best critic: V = -log 4 + 2 JSD of the minimax game, and D_f of each f-GAN."""
    divergence = DIVERGENCE[name](torch.from_numpy(P), torch.from_numpy(Q)).item()
    assert -best_logits(LOSSES.get(name).critic)[1] == pytest.approx(divergence, abs=1e-8)


@pytest.mark.parametrize("name", [*DIVERGENCE, "non-saturating"])
def test_the_generator_descends_the_divergence_that_it_claims(name):
    """At the best critic, held still; that of the non-saturating game is KL(q || p) - 2 JSD."""
    p, objective = torch.from_numpy(P), LOSSES.get(name)
    descended = DIVERGENCE.get(name, lambda p, q: kl(q, p) - 2 * jensen_shannon(p, q))
    weights = torch.from_numpy(Q).log().requires_grad_()
    q = weights.softmax(0)
    logits = torch.from_numpy(best_logits(objective.critic)[0])
    (ours,) = torch.autograd.grad((q * objective.generator(None, logits)).sum(), weights, retain_graph=True)
    (theirs,) = torch.autograd.grad(descended(p, q), weights)
    assert ours.abs().max() > 0.01 and torch.allclose(ours, theirs, atol=1e-6)


def test_the_value_of_the_game_on_disjoint_supports_is_zero():
    certain = torch.tensor([40.0], dtype=torch.float64)
    for name in ("non-saturating", "minimax"):
        assert LOSSES.get(name).critic(certain, -certain).item() == pytest.approx(0, abs=1e-12)


def test_least_squares_is_a_pearson_divergence():
    """With labels b - c = 1, b - a = 2 it is sum (2q - (p + q))^2 / (p + q) (Mao et al. 2017, theorem 1).

    Ours are a = 0, b = 1; the critic for a = -1, b = 1, c = 0 is then 2 D - 1.
    """
    chi = ((2 * Q - (P + Q)) ** 2 / (P + Q)).sum()
    logits, loss = best_logits(LOSSES.get("least-squares").critic)
    assert loss == pytest.approx((2 - chi) / 8, abs=1e-9)
    assert ((P + Q) * (2 * logits - 1) ** 2).sum() == pytest.approx(chi, abs=1e-6)


def test_hinge_is_the_total_variation():
    """D* = sign(p - q), and the loss there is 2 - 2 TV; found over a grid, one point after another."""
    critic, grid = LOSSES.get("hinge").critic, torch.linspace(-2, 2, 41, dtype=torch.float64)
    logits = torch.zeros(len(P), dtype=torch.float64)
    for point in range(len(P)):
        tried = logits.repeat(len(grid), 1)
        tried[:, point] = grid
        logits = tried[torch.stack([expected(critic, each) for each in tried]).argmin()]
    told = P != Q
    assert logits.numpy()[told] == pytest.approx(np.sign(P - Q)[told], abs=1e-9)
    assert expected(critic, logits).item() == pytest.approx(2 - np.abs(P - Q).sum(), abs=1e-12)


@pytest.mark.parametrize("theta", [-1.5, 0.25])
def test_wasserstein_between_two_points_is_their_distance(theta):
    """|theta|, by the critic of slope 1 along the way; the generator is pulled by that slope, however far."""
    objective, slopes = LOSSES.get("wasserstein"), torch.linspace(-1, 1, 21, dtype=torch.float64)
    losses = objective.critic(slopes * 0, slopes * theta)
    assert -losses.min().item() == pytest.approx(abs(theta), abs=1e-12)
    place = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    (pull,) = torch.autograd.grad(objective.generator(None, slopes[losses.argmin()] * place), place)
    assert pull.item() == pytest.approx(np.sign(theta), abs=1e-12)


def test_wasserstein_on_a_line_is_the_earth_movers_distance():
    """The loss is linear in the logits; the best ones whose slope is at most 1 are a linear programme's."""
    places = np.array([-1.0, -0.2, 0.0, 0.7, 1.0, 3.0])
    logits = torch.zeros(len(P), dtype=torch.float64, requires_grad=True)
    (costs,) = torch.autograd.grad(expected(LOSSES.get("wasserstein").critic, logits), logits)
    steps = np.diff(np.eye(len(P)), axis=0)
    found = linprog(costs.numpy(), np.vstack([steps, -steps]), np.tile(np.diff(places), 2), bounds=[(-10, 10)] * len(P))
    assert -found.fun == pytest.approx(wasserstein_distance(places, places, P, Q), abs=1e-9)


def test_the_non_saturating_generator_learns_where_the_minimax_one_cannot():
    """By the logit of a fake: d log(1 - D) is -D, d(-log D) is -(1 - D); at -10 the ratio is e^10 = 22026."""
    logit = torch.tensor([-10.0], dtype=torch.float64, requires_grad=True)
    (ours,) = torch.autograd.grad(LOSSES.get("non-saturating").generator(None, logit).sum(), logit)
    (minimax,) = torch.autograd.grad(LOSSES.get("minimax").generator(None, logit).sum(), logit)
    assert ours.item() == pytest.approx(-(1 - torch.sigmoid(logit).item()), abs=1e-12)
    assert minimax.item() == pytest.approx(-torch.sigmoid(logit).item(), rel=1e-12)
    assert ours.item() / minimax.item() == pytest.approx(math.exp(10), rel=1e-9)
    assert round(ours.item() / minimax.item()) == 22026


@pytest.mark.parametrize("name", ["relativistic-pairing", "relativistic-average"])
def test_the_relativistic_losses_see_differences_only(name):
    objective = LOSSES.get(name)
    real, fake = torch.randn(2, 7, dtype=torch.float64)
    for side in (objective.critic, objective.generator):
        assert torch.allclose(side(real + 5.5, fake + 5.5), side(real, fake), atol=1e-12)
    assert torch.equal(objective.generator(real, fake), objective.critic(fake, real))


@pytest.mark.parametrize("name", ["hinge", "wasserstein"])
def test_every_fake_pulls_these_generators_alike(name):
    fake = torch.tensor([-1e4, -1.0, 0.0, 3.0], requires_grad=True)
    (by_fake,) = torch.autograd.grad(LOSSES.get(name).generator(None, fake).sum(), fake)
    assert by_fake.tolist() == [-1] * 4


@pytest.mark.parametrize("name", [*DIVERGENCE, "non-saturating"])
def test_no_fake_is_ever_lowered(name):
    """However sure the critic is; where it is flat, a fake stays."""
    fake = torch.linspace(-60, 60, 241, dtype=torch.float64).requires_grad_()
    (by_fake,) = torch.autograd.grad(LOSSES.get(name).generator(None, fake).sum(), fake)
    assert (by_fake <= 0).all() and (by_fake[120:125] < 0).all()


def test_least_squares_asks_the_critic_for_one():
    fake = torch.tensor([1.0, 0.0, 3.0])
    assert LOSSES.get("least-squares").generator(None, fake).tolist() == [0, 0.5, 2]


def test_feature_matching_sees_means_only():
    generator = LOSSES.get("feature-matching").generator
    real = torch.randn(6, 5, dtype=torch.float64)
    assert torch.allclose(generator(real, real.flip(0)), torch.zeros(6, dtype=torch.float64), atol=1e-12)
    assert generator(real, real + 2).tolist() == pytest.approx([5 * 2**2] * 6)


# --- the exponentials of the f-GANs, and where they end


def test_the_exponential_is_exact_up_to_eighty_and_a_line_beyond():
    v = torch.tensor([-1e4, -80.0, 0.0, 79.5, 80.0, 80.5, 1e4], dtype=torch.float64, requires_grad=True)
    values = exponential(v)
    (slopes,) = torch.autograd.grad(values.sum(), v)
    assert values[:5].tolist() == pytest.approx(v[:5].exp().tolist(), rel=1e-15) == slopes[:5].tolist()
    assert slopes[5:].tolist() == pytest.approx([math.exp(80) / 4] * 2)
    assert values[5:].tolist() == pytest.approx([math.exp(80) * (1 + over / 4) for over in (0.5, 1e4 - 80)])


@pytest.mark.parametrize(
    ("name", "real_slope", "fake_slope"),
    [
        ("fgan-kl", lambda v: -1, lambda v: np.exp(v - 1)),
        ("fgan-reverse-kl", lambda v: -np.exp(-v), lambda v: 1),
        ("fgan-squared-hellinger", lambda v: -np.exp(-v), np.exp),
    ],
)
def test_the_exponential_f_gans_have_exact_slopes_up_to_eighty(name, real_slope, fake_slope):
    for logit in (-80.0, -7.0, 7.0, 80.0):
        real, fake = torch.full((2, 1), logit, dtype=torch.float64).requires_grad_().unbind()
        slopes = torch.autograd.grad(LOSSES.get(name).critic(real, fake).sum(), (real, fake))
        assert [slope.item() for slope in slopes] == pytest.approx([real_slope(logit), fake_slope(logit)], rel=1e-12)


# --- penalties


def linear_critic(norm: float):
    """D(x) = <w, x> on images of 1 x 2 x 2 with ||w|| = norm, and w."""
    w = torch.tensor([1.0, -2.0, 3.0, -1.0], dtype=torch.float64).reshape(1, 2, 2)
    w = w * (norm / w.norm())
    return lambda x, labels=None: (x * w).sum((1, 2, 3)), w


def bent_critic(x, labels=None):
    return (x.square().sum((2, 3)) - x.prod(3).sum(2)).tanh().sum(1)


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


APPROXIMATE = ["r1-difference", "r1-jvp", "r1-r2-difference", "r1-r2-jvp"]


@pytest.mark.parametrize("norm", [0.0, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("name", ["wgan-gp", "dragan"])
def test_a_penalty_towards_slope_one_is_zero_where_the_slope_is_one(name, norm):
    critic, _ = linear_critic(norm)
    x = normal(3, 1, 2, 2).requires_grad_()
    assert PENALTIES.get(name).term(critic, x, critic(x)).tolist() == pytest.approx([(norm - 1) ** 2] * 3, abs=1e-14)


@pytest.mark.parametrize("name", APPROXIMATE)
def test_an_approximate_penalty_at_a_linear_critic_averages_to_its_squared_slope(name):
    """Each value is <w, v>^2; over 20,000 directions the mean is ||w||^2 to within sqrt(2 / 20,000) = 1 %."""
    critic, w = linear_critic(1.5)
    x, noise = torch.zeros(20_000, 1, 2, 2, dtype=torch.float64), normal(20_000, 1, 2, 2)
    values = PENALTIES.get(name).term(critic, x, critic(x), noise)
    assert torch.allclose(values, (noise * w).sum((1, 2, 3)).square(), atol=1e-9)
    assert values.mean().item() == pytest.approx(1.5**2, rel=0.04)


@pytest.mark.parametrize("name", APPROXIMATE)
def test_an_approximate_penalty_averages_to_the_exact_one(name):
    """At one image of a bent critic, over many directions; the finite difference bends with it a little."""
    x = (0.3 * normal(1, 1, 2, 2)).repeat(20_000, 1, 1, 1)
    mean = PENALTIES.get(name).term(bent_critic, x, bent_critic(x), normal(20_000, 1, 2, 2)).mean().item()
    one = x[:1].clone().requires_grad_()
    assert mean == pytest.approx(PENALTIES.get("r1").term(bent_critic, one, bent_critic(one)).item(), rel=0.05)


def test_the_finite_difference_tends_to_the_derivative(monkeypatch):
    """Its error falls with sigma."""
    x, noise, errors = normal(4, 1, 2, 2), normal(4, 1, 2, 2).flip(0), []
    exact = PENALTIES.get("r1-jvp").term(bent_critic, x, bent_critic(x), noise)
    for sigma in (1e-2, 1e-3, 1e-4):
        monkeypatch.setattr(directions, "SIGMA", sigma)
        difference = PENALTIES.get("r1-difference").term(bent_critic, x, bent_critic(x), noise)
        errors.append((difference - exact).abs().max().item())
    assert errors[1] < errors[0] / 5 and errors[2] < errors[1] / 5


@pytest.mark.parametrize("name", ["consistency", "balanced-consistency"])
def test_consistency_is_the_squared_change_of_the_logits(name):
    critic, w = linear_critic(2.0)
    x, term = normal(3, 1, 2, 2).requires_grad_(), PENALTIES.get(name).term
    assert term(critic, x, critic(x), x.detach()).tolist() == [0] * 3
    moved = x.detach().flip(-1)
    assert torch.allclose(term(critic, x, critic(x), moved), ((x - moved) * w).sum((1, 2, 3)).square())


def test_path_length_is_zero_where_all_lengths_are_equal():
    matrix = normal(5, 8)
    z, y = normal(4, 5).requires_grad_(), normal(1, 2, 2, 2).expand(4, 2, 2, 2)
    images = (z @ matrix).unflatten(1, (2, 2, 2))
    values = PENALTIES.get("path-length").term(None, z, images, y)
    assert values.tolist() == pytest.approx([0] * 4, abs=1e-20)


def test_path_length_refuses_noise_unlike_the_images():
    z = normal(4, 8).requires_grad_()
    with pytest.raises(ValueError, match="noise must be"):
        PENALTIES.get("path-length").term(None, z, (2 * z).unflatten(1, (2, 2, 2)), normal(4, 2, 2, 1))


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


# taken at images that the critic has judged already, and given nothing beside
PLAIN = [name for name in PENALTIES.names if PENALTIES.get(name).at in ("real", "fake", "both")]
PLAIN = [name for name in PLAIN if PENALTIES.get(name).extra == "nothing"]


@pytest.mark.parametrize("name", PLAIN)
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


# name -> how fast the Dirac-GAN circles: the slope of the losses at logits 0
FREQUENCY = {
    "non-saturating": 0.5,
    "minimax": 0.5,
    "relativistic-pairing": 0.5,
    "fgan-jensen-shannon": 0.5,
    "relativistic-average": 1,
    "wasserstein": 1,
    "hinge": 1,
    "fgan-reverse-kl": 1,
    "fgan-pearson": 1,
    "fgan-squared-hellinger": 1,
    "fgan-kl": math.exp(-1),
}
LOGISTIC = [name for name in FREQUENCY if FREQUENCY[name] == 0.5]


@pytest.mark.parametrize("objective", FREQUENCY)
def test_without_a_penalty_the_dirac_gan_circles(objective):
    found = eigenvalues(penalty=None, gamma=0.0, objective=objective)
    frequency = FREQUENCY[objective]
    assert sorted(found.imag) == pytest.approx([-frequency, frequency], abs=1e-6)
    assert found.real == pytest.approx([0, 0], abs=1e-6)


@pytest.mark.parametrize("gamma", [0.3, 2.0])
@pytest.mark.parametrize("name", ["r1", "r2", "r1-r2"])
@pytest.mark.parametrize("objective", LOGISTIC)
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
