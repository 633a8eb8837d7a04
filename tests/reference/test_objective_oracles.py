"""The losses and the penalties against independent oracles: NumPy as the papers write them, derivatives by hand."""

import numpy as np
import pytest
import torch

from gansmith.objectives import LOSSES, PENALTIES

COUNT, SIDE = 5, 3
RNG = np.random.default_rng(7)
REAL, FAKE = RNG.normal(size=(2, 40)) * 3


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def cross_entropy(r, f):
    return -np.log(sigmoid(r)) - np.log(1 - sigmoid(f))


def f_gan(activation, conjugate):
    """Activation and conjugate apart, as the paper's tables 1, 2 and 6 list them."""
    return (
        lambda r, f: -activation(r) + conjugate(activation(f)),
        lambda r, f: -conjugate(activation(f)),
    )


# name -> (the critic's side, the generator's)
LOSS = {
    "minimax": (cross_entropy, lambda r, f: np.log(1 - sigmoid(f))),
    "non-saturating": (cross_entropy, lambda r, f: -np.log(sigmoid(f))),
    "least-squares": (lambda r, f: 0.5 * (r - 1) ** 2 + 0.5 * f**2, lambda r, f: 0.5 * (f - 1) ** 2),
    "wasserstein": (lambda r, f: -(r - f), lambda r, f: -f),
    "hinge": (lambda r, f: -np.minimum(0, r - 1) - np.minimum(0, -1 - f), lambda r, f: -f),
    "relativistic-pairing": (lambda r, f: -np.log(sigmoid(r - f)), lambda r, f: -np.log(sigmoid(f - r))),
    "relativistic-average": (
        lambda r, f: -np.log(sigmoid(r - f.mean())) - np.log(1 - sigmoid(f - r.mean())),
        lambda r, f: -np.log(sigmoid(f - r.mean())) - np.log(1 - sigmoid(r - f.mean())),
    ),
    "fgan-kl": f_gan(lambda v: v, lambda t: np.exp(t - 1)),
    "fgan-reverse-kl": f_gan(lambda v: -np.exp(-v), lambda t: -1 - np.log(-t)),
    "fgan-pearson": f_gan(lambda v: v, lambda t: np.where(t < -2, -1, t**2 / 4 + t)),
    "fgan-jensen-shannon": f_gan(lambda v: np.log(2) - np.log(1 + np.exp(-v)), lambda t: -np.log(2 - np.exp(t))),
    "fgan-squared-hellinger": f_gan(lambda v: 1 - np.exp(-v), lambda t: t / (1 - t)),
}


@pytest.mark.parametrize("name", LOSS)
def test_a_loss_equals_the_papers_formula(name):
    objective, (critic, generator) = LOSSES.get(name), LOSS[name]
    real, fake = torch.from_numpy(REAL), torch.from_numpy(FAKE)
    assert np.abs(objective.critic(real, fake).numpy() - critic(REAL, FAKE)).max() < 1e-10
    assert np.abs(objective.generator(real, fake).numpy() - generator(REAL, FAKE)).max() < 1e-10


def test_feature_matching_equals_the_papers_formula():
    objective = LOSSES.get("feature-matching")
    real, fake = np.random.default_rng(8).normal(size=(2, COUNT, 7))
    values = objective.generator(torch.from_numpy(real), torch.from_numpy(fake)).numpy()
    assert np.abs(values - sum((a - b) ** 2 for a, b in zip(real.mean(0), fake.mean(0)))).max() < 1e-10
    logits = objective.critic(torch.from_numpy(REAL), torch.from_numpy(FAKE)).numpy()
    assert np.abs(logits - cross_entropy(REAL, FAKE)).max() < 1e-10


# D(x) = <w, x> + <x, A x> / 2 on images of one channel, whose gradient is w + A x
SLOPE = RNG.normal(size=SIDE**2)
BEND = RNG.normal(size=(SIDE**2, SIDE**2))
BEND = (BEND + BEND.T) / 2
X, NOISE, AUGMENTED = RNG.normal(size=(3, COUNT, SIDE**2))


def critic(x):
    flat, slope, bend = x.flatten(1), torch.from_numpy(SLOPE), torch.from_numpy(BEND)
    return flat @ slope + ((flat @ bend) * flat).sum(1) / 2


def by_hand(x):
    return np.array([SLOPE @ row + row @ BEND @ row / 2 for row in x])


def images(rows: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(rows).reshape(-1, 1, SIDE, SIDE)


GRADIENT = np.array([SLOPE + BEND @ row for row in X])
LENGTH = np.sqrt((GRADIENT**2).sum(1))
DIFFERENCE = ((by_hand(X + 0.01 * NOISE) - by_hand(X)) / 0.01) ** 2
ALONG = (GRADIENT * NOISE).sum(1) ** 2
CHANGE = (by_hand(X) - by_hand(AUGMENTED)) ** 2

# name -> (its value at X, the factor of the paper's weight)
PENALTY = {
    "r1": (LENGTH**2, 0.5),
    "r2": (LENGTH**2, 0.5),
    "r1-r2": (LENGTH**2, 0.5),
    "r1-difference": (DIFFERENCE, 0.5),
    "r1-r2-difference": (DIFFERENCE, 0.5),
    "r1-jvp": (ALONG, 0.5),
    "r1-r2-jvp": (ALONG, 0.5),
    "zero-centred": (LENGTH**2, 1),
    "wgan-gp": ((LENGTH - 1) ** 2, 1),
    "dragan": ((LENGTH - 1) ** 2, 1),
    "consistency": (CHANGE, 1),
    "balanced-consistency": (CHANGE, 1),
}


@pytest.mark.parametrize("name", PENALTY)
def test_a_penalty_equals_the_papers_formula(name):
    penalty, (expected, factor) = PENALTIES.get(name), PENALTY[name]
    x = images(X).requires_grad_()
    beside = {"nothing": [], "noise": [images(NOISE)], "augmented": [images(AUGMENTED)]}[penalty.extra]
    values = penalty.term(critic, x, critic(x), *beside).detach().numpy()
    assert values == pytest.approx(expected, rel=1e-10) and penalty.factor == factor


def test_path_length_equals_the_papers_formula():
    """G(z) = M z + (C z)^2, whose Jacobian is M + 2 diag(C z) C; images of 2 x 3 pixels in two channels."""
    rng = np.random.default_rng(9)
    matrix, curve = rng.normal(size=(2, 12, 4))
    z, noise = rng.normal(size=(COUNT, 4)), rng.normal(size=(COUNT, 12))
    jacobians = [matrix + 2 * np.diag(curve @ row) @ curve for row in z]
    lengths = np.array([np.linalg.norm(j.T @ y) for j, y in zip(jacobians, noise)]) / np.sqrt(2 * 3)
    latents = torch.from_numpy(z).requires_grad_()
    made = latents @ torch.from_numpy(matrix).T + (latents @ torch.from_numpy(curve).T).square()
    shape = (COUNT, 2, 2, 3)
    penalty = PENALTIES.get("path-length")
    values = penalty.term(None, latents, made.reshape(shape), torch.from_numpy(noise).reshape(shape))
    assert values.detach().numpy() == pytest.approx((lengths - lengths.mean()) ** 2, abs=1e-10)
    assert penalty.factor == 1


def test_every_gradient_penalty_trains_the_critic_by_the_gradient_of_its_formula():
    """By the bend A of one critic: the gradient of ||w + A x||^2 is 2 (w + A x) x^T."""
    bend = torch.from_numpy(BEND).clone().requires_grad_()
    x = images(X).requires_grad_()
    flat = x.flatten(1)
    logits = flat @ torch.from_numpy(SLOPE) + torch.einsum("ni,ij,nj->n", flat, (bend + bend.T) / 2, flat) / 2
    outer = np.einsum("ni,nj->nij", GRADIENT, X)
    outer = outer + outer.transpose(0, 2, 1)
    expected = {"r1": outer, "wgan-gp": (1 - 1 / LENGTH)[:, None, None] * outer}
    for name, by_bend in expected.items():
        values = PENALTIES.get(name).term(None, x, logits)
        (found,) = torch.autograd.grad(values.sum(), bend, retain_graph=True)
        assert np.abs(found.numpy() - by_bend.sum(0)).max() < 1e-10
