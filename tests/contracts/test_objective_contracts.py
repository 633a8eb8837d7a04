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


# Where a loss has a kink, it stands at a whole number of a logit or of a difference: these lie apart from all.
FRACTIONS = {"real": 0.2, "fake": 0.7}


def logits(kind: str, *shape: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    draw = torch.Generator().manual_seed(len(kind) + ord(kind[0]))
    whole = torch.randint(-3, 3, shape, generator=draw)
    return (whole + FRACTIONS[kind] + 0.1 * torch.rand(shape, generator=draw, dtype=torch.float64)).to(dtype)


def shape_of(objective: Objective, side: str, count: int) -> tuple[int, ...]:
    return (count, 3) if side == "generator" and objective.reads_features else (count,)


def pair(objective: Objective, side: str, count: int, dtype: torch.dtype = torch.float64) -> list[torch.Tensor]:
    """What one side is given: logits of real and fake, or features."""
    return [logits(kind, *shape_of(objective, side, count), dtype=dtype) for kind in ("real", "fake")]


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


class SmoothGenerator(nn.Module):
    """The same of a generator: (N, 4) -> (N, 2, 3, 3)."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        layers = nn.Linear(4, 9), nn.Softplus(), nn.Linear(9, 18), nn.Unflatten(1, (2, 3, 3))
        self.layers = nn.Sequential(*layers).double()

    def forward(self, z: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        return self.layers(z)


def normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def pictures(count: int = 3) -> torch.Tensor:
    return normal(1, count, 2, 3, 3).requires_grad_()


def setting(penalty: Penalty, count: int = 3) -> tuple[nn.Module, torch.Tensor, list[torch.Tensor]]:
    """The player that a penalty is on, its input, and what the term is given beside."""
    if penalty.at == "latents":
        player, x = SmoothGenerator(), normal(2, count, 4).requires_grad_()
    else:
        player, x = SmoothCritic(), pictures(count)
    beside = {"nothing": [], "noise": [normal(3, count, 2, 3, 3)], "augmented": [0.9 * x.detach().flip(-1)]}
    return player, x, beside[penalty.extra]


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
        result = value(objective, side, *pair(objective, side, 5, dtype))
        assert result.shape == (5,) and result.dtype == dtype


@losses
@sides
def test_a_loss_has_the_gradient_that_it_claims(name, side):
    objective = LOSSES.get(name)
    real, fake = (each.requires_grad_() for each in pair(objective, side, 5))
    if side == "generator" and not objective.pairs_real:
        assert gradcheck(lambda fake: objective.generator(None, fake), (fake,))
    else:
        assert gradcheck(lambda real, fake: value(objective, side, real, fake), (real, fake))


@losses
@sides
def test_a_loss_follows_its_rows(name, side):
    objective = LOSSES.get(name)
    real, fake = pair(objective, side, 6)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    assert torch.allclose(value(objective, side, real[order], fake[order]), value(objective, side, real, fake)[order])


@losses
def test_a_loss_pairs_rows_exactly_where_it_says_so(name):
    """Otherwise the fakes may come in any order: the mean is the same."""
    objective = LOSSES.get(name)
    moved = []
    for side in SIDES:
        real, fake = pair(objective, side, 6)
        moved.append((value(objective, side, real, fake.flip(0)) - value(objective, side, real, fake)).mean().abs())
    assert (max(moved) > 1e-9) == objective.pairs_rows


@losses
def test_the_generators_side_reads_the_real_ones_exactly_where_it_says_so(name):
    objective = LOSSES.get(name)
    real, fake = pair(objective, "generator", 5)
    if objective.pairs_real:
        with pytest.raises(AssertionError, match="real image"):
            objective.generator(None, fake)
        assert not torch.allclose(objective.generator(real + 0.5, fake), objective.generator(real, fake))
    else:
        assert torch.equal(objective.generator(None, fake), objective.generator(real, fake))


@losses
def test_the_critics_side_has_no_lower_bound_exactly_where_it_says_so(name):
    """Of a critic that tells two batches apart ever more clearly, as a steep enough one can."""
    objective = LOSSES.get(name)
    sure = torch.full((3,), 1e4)
    assert (objective.critic(sure, -sure).mean().item() < -1e3) == objective.lipschitz


@losses
@sides
def test_a_loss_stays_finite_at_large_logits(name, side):
    objective = LOSSES.get(name)
    for real in (-1e4, 1e4):
        for fake in (-1e4, 1e4):
            shape = shape_of(objective, side, 2)
            both = [torch.full(shape, logit, requires_grad=True) for logit in (real, fake)]
            result = value(objective, side, *both)
            result.backward(torch.ones_like(result))
            gradients = [logit.grad for logit in both if logit.grad is not None]
            assert torch.isfinite(result).all() and all(torch.isfinite(gradient).all() for gradient in gradients)


@losses
def test_the_critic_raises_real_and_lowers_fake_and_the_generator_raises_fake(name):
    """Between 0 and 1: the least-squares labels stand at these ends, and nearer than any flat part of a loss."""
    objective = LOSSES.get(name)
    real = torch.linspace(0.1, 0.9, 9).requires_grad_()
    fake = torch.linspace(0.9, 0.1, 9).requires_grad_()
    by_real, by_fake = torch.autograd.grad(objective.critic(real, fake).sum(), (real, fake))
    assert (by_real <= 0).all() and (by_fake >= 0).all() and (by_real < 0).any() and (by_fake > 0).any()
    if objective.reads_features:  # a fake's features have no up and down but towards the real ones
        real, fake = torch.full((9, 3), 0.9), torch.linspace(0.1, 0.8, 27).reshape(9, 3).requires_grad_()
    (by_fake,) = torch.autograd.grad(value(objective, "generator", real.detach(), fake).sum(), fake)
    assert (by_fake <= 0).all() and (by_fake < 0).any()


# --- penalties


@penalties
def test_a_penalty_gives_one_value_a_sample(name):
    penalty = PENALTIES.get(name)
    assert isinstance(penalty, Penalty)
    assert penalty.at in ("real", "fake", "both", "between", "around", "latents")
    assert penalty.extra in ("nothing", "noise", "augmented") and penalty.factor in (0.5, 1.0)
    player, x, beside = setting(penalty)
    values = penalty.term(player, x, player(x), *beside)
    assert values.shape == (3,) and (values >= 0).all()


@penalties
def test_a_penalty_follows_its_rows(name):
    penalty, order = PENALTIES.get(name), torch.tensor([2, 0, 3, 1])
    player, x, beside = setting(penalty, 4)
    moved = x.detach()[order].requires_grad_()
    values = penalty.term(player, moved, player(moved), *[each[order] for each in beside])
    assert torch.allclose(values, penalty.term(player, x, player(x), *beside)[order])


@penalties
def test_a_penalty_of_a_row_hangs_on_that_row_alone(name):
    """Of those whose rows must not see each other; the others may say so."""
    penalty = PENALTIES.get(name)
    if not penalty.per_row:
        pytest.skip("this penalty is fine with batch statistics")
    player, x, beside = setting(penalty, 4)
    whole = penalty.term(player, x, player(x), *beside)
    half = x.detach()[:2].requires_grad_()
    assert torch.allclose(whole[:2], penalty.term(player, half, player(half), *[each[:2] for each in beside]))


@penalties
def test_a_penalty_can_be_trained_on(name):
    """Its gradient by its input and by the player's weights, which needs the player's second derivative.

    Where rows hang on each other it is the mean's, which is what training takes.
    """
    penalty = PENALTIES.get(name)
    player, x, beside = setting(penalty, 2)
    names, weights = zip(*player.named_parameters())

    def values(play, x):
        result = penalty.term(play, x, play(x), *beside)
        return result if penalty.per_row else result.mean()

    def by_weights(*weights):
        return values(lambda x: functional_call(player, dict(zip(names, weights)), (x,)), x)

    assert gradcheck(by_weights, tuple(weight.detach().requires_grad_() for weight in weights))
    assert gradcheck(lambda x: values(player, x), (x,))


@penalties
def test_a_penalty_makes_nothing_twice(name):
    """What the player made of x is at hand; only what is given beside may need one more pass."""
    penalty = PENALTIES.get(name)
    player, x, beside = setting(penalty)
    made, passes = player(x), []
    player.register_forward_hook(lambda *_: passes.append(1))
    penalty.term(player, x, made, *beside)
    assert len(passes) <= (penalty.extra != "nothing")


@penalties
@pytest.mark.parametrize("scale", [0.0, 1e-30, 1e4])
def test_a_penalty_stays_finite_where_the_player_is_flat_or_steep(name, scale):
    penalty = PENALTIES.get(name)
    player, x, beside = setting(penalty)
    player, x, beside = player.float(), x.detach().float().requires_grad_(), [each.float() for each in beside]
    with torch.no_grad():
        list(player.parameters())[-2].mul_(scale)  # the last layer's weight
    values = penalty.term(player, x, player(x), *beside)
    gradients = torch.autograd.grad(values.sum(), list(player.parameters()), allow_unused=True)
    assert torch.isfinite(values).all()
    assert all(torch.isfinite(gradient).all() for gradient in gradients if gradient is not None)


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
    penalty = PENALTIES.get(name)
    if penalty.at == "latents":
        pytest.skip("a generator makes images")
    critic, x, beside = setting(penalty)
    for logits_of_x in (critic(x)[:, None], critic(x).sum()):
        with pytest.raises(ValueError, match="logits must be"):
            penalty.term(critic, x, logits_of_x, *beside)


@pytest.mark.parametrize("name", ["relativistic-pairing", "relativistic-average"])
def test_batches_of_unequal_size_are_not_spread(name):
    for loss in (LOSSES.get(name).critic, LOSSES.get(name).generator):
        with pytest.raises(ValueError, match="batches of one size"):
            loss(torch.zeros(4), torch.zeros(1))
