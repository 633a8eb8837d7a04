"""Lanes: parts of a step's rows that are played side by side."""

import numpy as np
import pytest
import torch
from tiny_trainer import BATCH, ROWS, play, same, trainer_of

from gansmith.core import randomness
from gansmith.data.batches import Batches
from gansmith.engine.trainer import NonFinite, Trainer
from gansmith.objectives import PENALTIES
from gansmith.recipes import RECIPES
from gansmith.recipes.choices import Facts, values
from gansmith.recipes.recipe import plan_of

# No statistics over the batch, and nothing learned, so that both turns see the same weights.
APART = {"network": "residual", "rate": [0.0, 0.0], "penalty_every": 1}
CASES = {
    "plain": {},
    "labels-augmented": {"classes": 3, "augment": 0.7},
    "instance-noise": {"instance_noise": 0.5},
    "gradient-between": {"objective": "wasserstein", "penalty": "wgan-gp"},
    "noisy-penalty": {"penalty": "r1-r2-difference"},
    "altered-copies": {"penalty": "balanced-consistency", "objective": "hinge"},
    "packed": {"packing": 2},
    "generator-first": {"first": "generator", "critic_steps": 2, "objective": "non-saturating"},
}


def gradients(trainer: Trainer) -> torch.Tensor:
    """Of both players, one after the other."""
    return torch.cat([p.grad.flatten() for player in trainer.game.players.values() for p in player.parameters()])


@pytest.mark.parametrize("case", CASES)
def test_two_lanes_equal_one_up_to_the_order_of_sums(case):
    one, two = (play(trainer_of(lanes=lanes, **APART | CASES[case]), 1) for lanes in (1, 2))
    mine, theirs = gradients(one), gradients(two)
    assert (mine - theirs).norm() <= 1e-5 * mine.norm() > 0


@pytest.mark.parametrize("preset", ["modern", "classic", "hinge"])
def test_a_thread_for_each_lane_changes_no_bit(preset):
    one, four = (play(trainer_of(preset, lanes=4, threads=threads, group=0), 4) for threads in (1, 4))
    assert same(one, four)


def test_lanes_share_the_weights_and_what_is_noted():
    trainer = trainer_of(lanes=2, threads=2)
    first, second = trainer.lanes.games
    before = [p.clone() for p in first.players["generator"].parameters()]
    step = trainer.play()
    assert {"critic_loss", "generator_loss"} <= step.signals.keys() and len(step.real) == BATCH
    pairs = zip(first.players["generator"].parameters(), second.players["generator"].parameters(), strict=True)
    assert all(torch.equal(mine, theirs) for mine, theirs in pairs)
    assert any(not torch.equal(p, old) for p, old in zip(first.players["generator"].parameters(), before, strict=True))


@pytest.mark.parametrize("penalty", PENALTIES.names)
def test_every_penalty_is_played_in_lanes(penalty):
    """Two threads at a time, as often as chance may want."""
    if PENALTIES.get(penalty).at == "latents":
        pytest.skip("of the generator")
    network = {"network": "residual", "objective": "non-saturating"}
    one, two = (play(trainer_of(lanes=2, threads=t, penalty=penalty, penalty_every=1, **network), 3) for t in (1, 2))
    assert same(one, two)


def test_rows_that_do_not_part_are_refused():
    with pytest.raises(ValueError, match="do not part"):
        play(trainer_of(lanes=3), 1)


def test_a_lane_that_fails_is_heard():
    trainer = trainer_of(lanes=2, threads=2)
    turn = trainer.lanes.games[1].turns[0]
    trainer.lanes.games[1].turns[0] = type(turn)(turn.player, lambda step: turn.loss(step) * float("nan"))
    with pytest.raises(NonFinite, match="critic's loss"):
        trainer.play()


def test_ranks_draw_rows_of_one_draw():
    whole = randomness.normal((6, 3), 1, "z", 2)
    parts = []
    for rank in range(3):
        with randomness.rows_of(rank, 3):
            parts.append(randomness.normal((2, 3), 1, "z", 2))
    assert torch.equal(torch.cat(parts), whole)
    assert torch.equal(randomness.normal((6, 3), 1, "z", 2), whole)


def test_bf16_learns_what_fp32_learns():
    exact, rounded = (gradients(play(trainer_of(precision=p, rate=[0.0, 0.0]), 1)) for p in ("fp32", "bf16"))
    assert torch.nn.functional.cosine_similarity(exact, rounded, dim=0) > 0.99
    assert not torch.equal(exact, rounded)


TRANSLATIONS = {
    "paired": {},
    "unpaired": {},
    "unpaired-by-contrast": {"cycle": 0.0, "contrast": 1.0, "contrast_identity": 1.0},
}


@pytest.mark.parametrize("case", TRANSLATIONS)
def test_two_lanes_of_a_translation_equal_one(case):
    def trainer(lanes: int) -> Trainer:
        recipe = RECIPES.get(case.split("-")[0])
        facts = Facts(train_images=ROWS, resolution=(32, 32), channels=3, classes=0, images=BATCH, given=3)
        still = {"rate": [0.0, 0.0], "penalty_every": 1, "batch": BATCH, "generator_width": 8, "critic_width": 8}
        chosen = values(recipe.choose(facts, None, still | TRANSLATIONS[case])) | {"lanes": lanes, "precision": "fp32"}
        sides = np.random.default_rng(0).integers(0, 256, (ROWS, 32, 32, 6), dtype=np.uint8)
        game = recipe.build(chosen, facts, 5)
        batches = Batches(sides, None, np.arange(ROWS), batch=BATCH, seed=5)
        return Trainer(game, batches, plan_of(chosen, game, BATCH, 5), [], torch.device("cpu"))

    mine, theirs = (gradients(play(trainer(lanes), 1)) for lanes in (1, 2))
    assert (mine - theirs).norm() <= 1e-5 * mine.norm() > 0
