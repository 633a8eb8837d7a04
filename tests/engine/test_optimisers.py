"""The optimisers move weights as they say."""

import pytest
import torch
from torch import nn

from gansmith.engine.optimisers import OPTIMISERS
from gansmith.engine.optimisers.orthogonal import is_matrix, orthogonal_to


def weights():
    torch.manual_seed(0)
    parts = nn.ModuleList([nn.Conv2d(3, 8, 3), nn.Linear(12, 40), nn.Linear(7, 1)])
    for weight in parts.parameters():
        weight.grad = torch.randn_like(weight)
    return parts


def stepped(name, parts, rate=0.01):
    optimiser = OPTIMISERS.get(name)(parts.parameters(), (0.0, 0.95))
    optimiser.param_groups[0]["lr"] = rate
    before = [weight.detach().clone() for weight in parts.parameters()]
    gradients = [weight.grad.clone() for weight in parts.parameters()]
    optimiser.step()
    for weight, gradient in zip(parts.parameters(), gradients, strict=True):
        assert torch.equal(weight.grad, gradient)
    return [after - was for after, was in zip(parts.parameters(), before, strict=True)]


@pytest.mark.parametrize("shape", [(8, 27), (40, 12), (64, 160), (2, 500)])
def test_it_finds_the_nearest_orthogonal_matrix(shape):
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    u, _, v = torch.linalg.svd(matrix.double(), full_matrices=False)
    found = orthogonal_to(matrix).double()
    sizes = torch.linalg.svdvals(found)
    assert sizes.min() > 0.6 and sizes.max() < 1.3
    cosine = (found * (u @ v)).sum() / (found.norm() * (u @ v).norm())
    assert cosine > 0.97
    assert torch.equal(orthogonal_to(torch.zeros(shape)), torch.zeros(shape).to(found.dtype).to(orthogonal_to(matrix)))


def test_it_hangs_on_the_direction_alone():
    matrix = torch.randn(20, 30, generator=torch.Generator().manual_seed(2))
    assert torch.allclose(orthogonal_to(matrix), orthogonal_to(2**-14 * matrix))


@pytest.mark.parametrize("name", OPTIMISERS.names)
def test_a_number_moves_by_about_the_rate(name):
    for change in stepped(name, weights()):
        assert 0.004 < change.square().mean().sqrt() < 0.016


def test_only_matrices_are_moved_by_it():
    parts = weights()
    matrices = [is_matrix(weight) for weight in parts.parameters()]
    assert matrices == [True, False, True, False, False, False]
    both = zip(matrices, stepped("orthogonal", weights()), stepped("adam", weights()), strict=True)
    assert all(torch.equal(ours, adams) != matrix for matrix, ours, adams in both)


def test_only_what_adam_moves_has_a_state():
    parts = weights()
    optimiser = OPTIMISERS.get("orthogonal")(parts.parameters(), (0.0, 0.95))
    optimiser.step()
    assert sorted(optimiser.state_dict()["state"]) == [1, 3, 4, 5]
