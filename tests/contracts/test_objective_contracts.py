"""Every registered loss and penalty keeps the contract: tensors in, one value a sample out, and nothing else."""

import ast
import importlib

import pytest
import torch
from torch import nn
from torch.autograd import gradcheck
from torch.func import functional_call

from gansmith.core.errors import InputError
from gansmith.core.registry import Registry
from gansmith.networks import FAMILIES
from gansmith.objectives import LOSSES, PENALTIES, Objective, Penalty
from gansmith.recipes import PRESETS

REGISTRIES = [LOSSES, PENALTIES, FAMILIES, PRESETS]
ENTRIES = [
    pytest.param(registry, name, id=f"{registry.kind}-{name}") for registry in REGISTRIES for name in registry.names
]
SIDES = ["critic", "generator"]
KNOWS_NOTHING_OF = {"backward", "cuda", "cpu", "device", "print", "logging", "warnings"}

losses = pytest.mark.parametrize("name", LOSSES.names)
penalties = pytest.mark.parametrize("name", PENALTIES.names)
sides = pytest.mark.parametrize("side", SIDES)


def logits(count: int, seed: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(count, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def value(objective: Objective, side: str, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    if side == "critic":
        return objective.critic(real, fake)
    return objective.generator(real if objective.pairs_real else None, fake)


class SmoothCritic(nn.Module):
    """Twice differentiable everywhere, and no row sees another."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Conv2d(2, 3, 2), nn.Softplus(), nn.Flatten(), nn.Linear(12, 1)).double()

    def forward(self, x: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        return self.layers(x).squeeze(1)


def pictures(count: int = 3) -> torch.Tensor:
    draw = torch.Generator().manual_seed(1)
    return torch.randn((count, 2, 3, 3), generator=draw, dtype=torch.float64).requires_grad_()


# --- what is true of every registered thing


@pytest.mark.parametrize(("registry", "name"), ENTRIES)
def test_an_entry_is_found_by_its_name_and_says_what_it_is(registry: Registry, name: str):
    module = importlib.import_module(f"{registry.package}.{name.replace('-', '_')}")
    assert registry.get(name) is getattr(module, name.replace("-", "_"))
    assert registry.help(name) == module.__doc__.splitlines()[0] != ""


@pytest.mark.parametrize(("registry", "name"), ENTRIES)
def test_an_entry_cites_its_source(registry: Registry, name: str):
    source = (registry.folder / f"{name.replace('-', '_')}.py").read_text()
    lines = (ast.get_docstring(ast.parse(source)) or "").splitlines()
    cited = [line for line in lines if line.startswith("Source: ")]
    assert len(cited) == 1 and any(character.isdigit() for character in cited[0]), "no Source line with a year"


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.kind)
def test_a_name_nearly_right_is_answered_with_the_right_one(registry: Registry):
    name = registry.names[0]
    with pytest.raises(InputError, match=f"did you mean {name}") as error:
        registry.get(name + name[-1])
    assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="there are: "):
        registry.get("zzzzzz")


def test_a_users_own_is_taken_by_module_and_name():
    mine = LOSSES.get("gansmith.objectives.losses.non_saturating:non_saturating")
    assert mine is LOSSES.get("non-saturating")


@pytest.mark.parametrize("name", ["no_such_module:x", "math:no_such_thing", ":x", "math:", ".relative:x", "a b:c"])
def test_a_users_own_that_is_not_there_is_wrong_input(name):
    with pytest.raises(InputError, match="cannot load"):
        LOSSES.get(name)


def test_formulas_know_no_device_call_no_backward_and_log_nothing():
    for path in LOSSES.folder.parent.rglob("*.py"):
        tree = ast.parse(path.read_text())
        named = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        named |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert not named & KNOWS_NOTHING_OF, f"{path.name}: {named & KNOWS_NOTHING_OF}"


# --- losses


@losses
@sides
def test_a_loss_gives_one_value_a_sample(name, side):
    objective = LOSSES.get(name)
    assert isinstance(objective, Objective)
    for dtype in (torch.float32, torch.float64):
        result = value(objective, side, logits(5, 1, dtype), logits(5, 2, dtype))
        assert result.shape == (5,) and result.dtype == dtype


@losses
@sides
def test_a_loss_has_the_gradient_that_it_claims(name, side):
    objective = LOSSES.get(name)
    real, fake = logits(5, 1).requires_grad_(), logits(5, 2).requires_grad_()
    if side == "generator" and not objective.pairs_real:
        assert gradcheck(lambda fake: objective.generator(None, fake), (fake,))
    else:
        assert gradcheck(lambda real, fake: value(objective, side, real, fake), (real, fake))


@losses
@sides
def test_a_loss_follows_its_rows(name, side):
    objective = LOSSES.get(name)
    real, fake = logits(6, 1), logits(6, 2)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    assert torch.allclose(value(objective, side, real[order], fake[order]), value(objective, side, real, fake)[order])


@losses
@sides
def test_a_loss_stays_finite_at_large_logits(name, side):
    objective = LOSSES.get(name)
    for real in (-1e4, 1e4):
        for fake in (-1e4, 1e4):
            pair = [torch.full((2,), logit, requires_grad=True) for logit in (real, fake)]
            result = value(objective, side, *pair)
            result.sum().backward()
            gradients = [logit.grad for logit in pair if logit.grad is not None]
            assert torch.isfinite(result).all() and all(torch.isfinite(gradient).all() for gradient in gradients)


@losses
def test_the_critic_raises_real_and_lowers_fake_and_the_generator_raises_fake(name):
    objective = LOSSES.get(name)
    real = torch.linspace(0.1, 0.9, 9).requires_grad_()
    fake = torch.linspace(0.9, 0.1, 9).requires_grad_()
    by_real, by_fake = torch.autograd.grad(objective.critic(real, fake).sum(), (real, fake))
    assert (by_real <= 0).all() and (by_fake >= 0).all() and (by_real < 0).any() and (by_fake > 0).any()
    (by_fake,) = torch.autograd.grad(value(objective, "generator", real.detach(), fake).sum(), fake)
    assert (by_fake <= 0).all() and (by_fake < 0).any()


# --- penalties


@penalties
def test_a_penalty_gives_one_value_a_sample(name):
    penalty, critic, x = PENALTIES.get(name), SmoothCritic(), pictures()
    assert isinstance(penalty, Penalty) and penalty.at in ("real", "fake", "both")
    values = penalty.term(critic, x, critic(x))
    assert values.shape == (3,) and (values >= 0).all()


@penalties
def test_a_penalty_of_a_row_hangs_on_that_row_alone(name):
    penalty, critic, x = PENALTIES.get(name), SmoothCritic(), pictures(4)
    whole = penalty.term(critic, x, critic(x))
    half = x.detach()[:2].requires_grad_()
    assert torch.allclose(whole[:2], penalty.term(critic, half, critic(half)))


@penalties
def test_a_penalty_can_be_trained_on(name):
    """Its gradient by the pictures and by the critic's weights, which needs the second derivative of the critic."""
    term, critic = PENALTIES.get(name).term, SmoothCritic()
    assert gradcheck(lambda x: term(critic, x, critic(x)), (pictures(2),))
    names, weights = zip(*critic.named_parameters())
    x = pictures(2)

    def by_weights(*values):
        def judge(x, labels=None):
            return functional_call(critic, dict(zip(names, values)), (x,))

        return term(judge, x, judge(x))

    assert gradcheck(by_weights, tuple(weight.detach().requires_grad_() for weight in weights))


@penalties
def test_a_penalty_at_a_linear_critic_is_its_squared_slope(name):
    """Where the docstring promises it: D(x) = <w, x> gives exactly ||w||^2, at every x."""
    term = PENALTIES.get(name).term
    if "<w, x> gives exactly ||w||^2" not in (term.__doc__ or ""):
        pytest.skip("this penalty promises something else")
    w = torch.arange(18.0, dtype=torch.float64).reshape(2, 3, 3)

    def critic(x, labels=None):
        return (x * w).sum((1, 2, 3))

    x = pictures()
    assert term(critic, x, critic(x)).tolist() == [(w * w).sum().item()] * 3


@penalties
def test_a_penalty_refuses_logits_of_another_shape(name):
    critic, x = SmoothCritic(), pictures()
    for logits_of_x in (critic(x)[:, None], critic(x).sum()):
        with pytest.raises(ValueError, match="logits must be"):
            PENALTIES.get(name).term(critic, x, logits_of_x)
