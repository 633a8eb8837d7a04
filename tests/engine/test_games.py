"""Every rule of the game can be played, does what it says, and resumes exactly; what cannot be played is refused."""

import pytest
import torch
from tiny_trainer import BATCH, play, same, trainer_of

from gansmith.core.errors import InputError
from gansmith.core.turns import Step
from gansmith.games.packing import pack, unpack
from gansmith.objectives import LOSSES, PENALTIES
from gansmith.recipes.choices import Facts, values
from gansmith.recipes.kinds.image import image
from gansmith.recipes.kinds.vae import vae
from gansmith.recipes.kinds.vae_gan import vae_gan

CRITICS = [name for name in PENALTIES.names if PENALTIES.get(name).at != "latents"]
VARIANTS = {
    "packing": {"packing": 2},
    "no group": {"group": 0},
    "three critic steps": {"critic_steps": 3},
    "generator first": {"first": "generator"},
    "instance noise": {"instance_noise": 0.3},
    "altered": {"augment": 0.5, "instance_noise": 0.1},
    "spectral": {"constraint": "spectral", "penalty": None},
    "clip": {"constraint": "clip", "penalty": None, "objective": "wasserstein"},
    "path length": {"network": "residual", "generator_penalty": "path-length"},
    "consistency with batch statistics": {"network": "dcgan", "penalty": "consistency", "objective": "hinge"},
    "both consistencies": {"network": "dcgan", "penalty": "balanced-consistency", "objective": "hinge"},
    "features": {"objective": "feature-matching"},
}


def bounded(objective: str) -> dict:
    return {"objective": objective} | ({"penalty": "wgan-gp"} if LOSSES.get(objective).lipschitz else {})


def moved(trainer, before) -> bool:
    after = trainer.state()[0]
    weights = [name for name in before if name.startswith("players.") and name.endswith("weight")]
    return all(torch.isfinite(after[name]).all() for name in weights) and any(
        not torch.equal(before[name], after[name]) for name in weights
    )


def taken(trainer) -> dict:
    return {name: value.clone() for name, value in trainer.state()[0].items()}


@pytest.mark.parametrize("name", LOSSES.names)
def test_every_objective_is_played(name):
    trainer = trainer_of(**bounded(name))
    before = taken(trainer)
    assert moved(play(trainer, 2), before)


@pytest.mark.parametrize("name", CRITICS)
def test_every_penalty_is_played_and_weighs_what_it_should(name):
    """Twice the weight, twice the term; not due, no term. The weight is large, or float32 rounds the term away."""

    def term(gamma: float, index: int = 0) -> float:
        chosen = {"penalty": name, "gamma": [gamma, gamma], "penalty_every": 2, "objective": "non-saturating"}
        game = trainer_of(**chosen).game
        real = torch.randn(BATCH, 3, 28, 28, generator=torch.Generator().manual_seed(3))
        return game.critic_loss(Step(index, 0, 0.0, 5, real)).mean().item()

    plain = term(0.0)
    assert term(40.0) - plain == pytest.approx(2 * (term(20.0) - plain), rel=1e-3) and term(40.0) > plain
    assert term(40.0, 1) == term(0.0, 1)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_rule_resumes_exactly(variant):
    whole = play(trainer_of(**VARIANTS[variant]), 5)
    half, other = play(trainer_of(**VARIANTS[variant]), 2), trainer_of(**VARIANTS[variant])
    tensors, numbers = half.state()
    other.load_state({name: value.clone() for name, value in tensors.items()}, numbers)
    assert same(play(other, 3), whole)


@pytest.mark.parametrize("conditioning", ["projection", "concatenation", "auxiliary"])
@pytest.mark.parametrize("of_generator", ["concatenation", "normalisation"])
def test_every_way_to_use_labels_is_played(conditioning, of_generator):
    chosen = {"critic_conditioning": conditioning, "generator_conditioning": of_generator}
    trainer = trainer_of(classes=3, **chosen)
    before = taken(trainer)
    step = trainer.play()
    assert moved(trainer, before) and ("class_loss" in step.signals) == (conditioning == "auxiliary")


def test_packed_images_are_neighbours_and_come_apart_again():
    images = torch.arange(4 * 3 * 2 * 2.0).reshape(4, 3, 2, 2)
    packed = pack(images, 2)
    assert packed.shape == (2, 6, 2, 2) and torch.equal(packed[0], torch.cat([images[0], images[1]]))
    assert torch.equal(unpack(packed, 2), images) and pack(images, 1) is images
    with pytest.raises(ValueError, match="cannot be packed"):
        pack(images, 3)


def test_the_generator_moves_once_for_so_many_steps_of_the_critic():
    trainer = trainer_of(critic_steps=3)

    def generator() -> torch.Tensor:
        return trainer.game.shown.to_image.weight.detach().clone()

    stays = []
    for _ in range(5):
        before = generator()
        trainer.play()
        stays.append(torch.equal(before, generator()))
    assert stays == [False, True, True, False, True]


def test_who_is_first_moves_first():
    game = trainer_of(first="generator").game
    assert [turn.player for turn in game.turns] == ["generator", "critic"]
    assert [turn.player for turn in trainer_of().game.turns] == ["critic", "generator"]


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({"objective": "wasserstein", "penalty": None}, "no bound unless the critic's slope has one"),
        ({"network": "dcgan", "penalty": "r1"}, "batch normalisation"),
        ({"penalty": "path-length"}, "--generator-penalty path-length"),
        ({"generator_penalty": "r1"}, "--penalty r1"),
        ({"generator_penalty": "path-length"}, "batch normalisation"),
        ({"packing": 3}, "cannot be packed by 3"),
        ({"group": 4, "network": "residual"}, "leave --group out"),
        ({"group": 3}, "does not fall into groups of 3"),
        ({"packing": 2, "classes": 2}, "--no-labels"),
        ({"augment_rule": "ada"}, "leaves without a meaning"),
        ({"augment_rule": "ada", "objective": "least-squares"}, "leaves without a meaning"),
        ({"objective": "wasserstein", "penalty": "r1"}, "away from real images"),
        ({"objective": "wasserstein", "gamma": [0.0, 0.0]}, "no bound"),
        ({"objective": "wasserstein", "network": "dcgan", "constraint": "spectral"}, "batch normalisation scales"),
        ({"network": "sn-resnet", "constraint": "clip"}, "normalised spectrally already"),
        ({"first": "genrator"}, "critic and generator"),
        ({"critic_conditioning": "auxiliary"}, "needs labels"),
        ({"objective": "non-saturatin"}, "did you mean non-saturating"),
        ({"no_such_choice": 1}, "nothing that is chosen"),
    ],
)
def test_what_cannot_be_played_is_refused_with_the_reason(chosen, says):
    with pytest.raises(InputError, match=says) as error:
        trainer_of(**chosen)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("preset", "penalty", "gamma"),
    [("non-saturating", "r1", 0.5), ("classic", "wgan-gp", 10.0), (None, "r1", 0.5), ("wgan-gp", "r1", 0.5)],
)
def test_another_penalty_brings_a_weight_along(preset, penalty, gamma):
    facts = Facts(train_images=100, resolution=(32, 32), channels=3, classes=0, images=1000)
    assert image.choose(facts, preset, {"penalty": penalty})["gamma"].value[0] == gamma
    assert image.choose(facts, preset, {"penalty": penalty, "gamma": 0.7})["gamma"].value[0] == 0.7


def test_a_critic_with_batch_statistics_goes_without_the_penalty_that_nobody_asked_for():
    assert trainer_of(network="dcgan").game.rules.penalty is None
    assert trainer_of(network="sn-resnet", objective="wasserstein", penalty=None).game.rules.penalty is None


@pytest.mark.parametrize("penalty", ["r1-r2-difference", "r1-r2-jvp"])
def test_a_penalty_sees_one_and_the_same_spectral_critic(penalty):
    """Otherwise the power iteration between two calls would count as slope."""

    def measured(name: str) -> float:
        game = trainer_of(constraint="spectral", penalty=name, penalty_every=1, objective="non-saturating").game
        real = torch.rand(16, 3, 28, 28, generator=torch.Generator().manual_seed(3))
        steps = [Step(index, 0, 0.0, 5, real) for index in range(6)]
        for step in steps:
            game.critic_loss(step)
        return sum(step.signals["penalty"].item() for step in steps)

    assert measured(penalty) == pytest.approx(measured("r1-r2"), rel=0.5)


@pytest.mark.parametrize("penalty", ["consistency", "r1-difference"])
def test_classes_are_learned_on_the_images_themselves(penalty):
    """A penalty that asks the critic again must not slip its altered images in."""
    real, labels = torch.rand(BATCH, 3, 28, 28) * 2 - 1, torch.arange(BATCH) % 3

    def class_loss(name: str | None) -> float:
        game = trainer_of(classes=3, critic_conditioning="auxiliary", penalty=name, objective="hinge").game
        step = Step(0, 0, 0.0, 5, real, labels)
        game.critic_loss(step)
        assert "features-penalty" not in step.cache
        return step.signals["class_loss"].item()

    assert class_loss(penalty) == class_loss(None)


@pytest.mark.parametrize("chosen", [{"augment": 0.7}, {"augment": 0.7, "network": "dcgan", "objective": "hinge"}])
def test_images_stay_float32_in_mixed_precision(chosen):
    game = trainer_of(**chosen).game
    step = Step(0, 0, 0.0, 5, torch.rand(BATCH, 3, 28, 28))
    with torch.autocast("cpu", torch.bfloat16):
        losses = [turn.loss(step) for turn in game.turns]
    assert all(torch.isfinite(loss).all() for loss in losses)
    assert not any(value.requires_grad for value in step.signals.values())


@pytest.mark.parametrize("penalty", ["consistency", "balanced-consistency", "r1-r2"])
def test_the_hybrid_takes_every_kind_of_penalty(penalty):
    facts = Facts(train_images=64, resolution=(28, 28), channels=3, classes=0, images=640, size="xs")
    game = vae_gan.build(values(vae_gan.choose(facts, None, {"penalty": penalty})), facts, 0)
    step = Step(0, 0, 0.0, 5, torch.rand(BATCH, 3, 28, 28))
    assert all(torch.isfinite(turn.loss(step)).all() for turn in game.turns)


@pytest.mark.parametrize(
    ("asked", "says"), [({"augment": 0.5}, "no critic"), ({"generator_conditioning": "normalisation"}, "needs labels")]
)
def test_the_autoencoder_refuses_what_it_would_ignore(asked, says):
    facts = Facts(train_images=64, resolution=(28, 28), channels=3, classes=0, images=640, size="xs")
    with pytest.raises(InputError, match=says):
        vae.build(values(vae.choose(facts, None, asked)), facts, 0)
