"""N steps equal k steps, a checkpoint on the disk, and N - k steps, bit for bit, whatever is trained."""

import pytest
import torch
from tiny_trainer import BATCH, STEPS, TINY, play, same, trainer_of

from gansmith.core.turns import Observer
from gansmith.engine import checkpoints
from gansmith.engine.drawing import Painter
from gansmith.engine.observers.grids import Grids
from gansmith.engine.observers.scoring import Scoring
from gansmith.engine.optimisers.orthogonal import is_matrix
from gansmith.recipes import PRESETS

CASES = {
    **{preset: {"preset": preset} for preset in PRESETS.names},
    **{f"{preset}-labels": {"preset": preset, "classes": 3} for preset in PRESETS.names},
    "augmented": {"augment": 0.7},
    "mirrored": {"mirror": True},
    "residual-labels": {"network": "residual", "classes": 3, "augment": 0.7},
    "non-square": {"resolution": (40, 28)},
    "two-lanes": {"lanes": 2, "threads": 2, "classes": 3, "augment": 0.7},
    "two-lanes-spectral": {"lanes": 2, "threads": 2, "constraint": "spectral"},
    "adam": {"optimiser": "adam"},
    "orthogonal-labels": {"preset": "classic", "optimiser": "orthogonal", "classes": 3},
    "bf16": {"precision": "bf16", "lanes": 2, "threads": 2},
    "r1-each-step": {"penalty": "r1", "penalty_every": 1, "objective": "non-saturating"},
}


@pytest.mark.parametrize("case", CASES)
def test_a_resumed_run_equals_one_that_was_never_stopped(case, tmp_path):
    whole = play(trainer_of(**CASES[case]), STEPS)
    for stop in (1, 4):
        first = play(trainer_of(**CASES[case]), stop)
        checkpoints.save(tmp_path, *first.state())
        second = trainer_of(**CASES[case])
        assert checkpoints.take_latest(tmp_path, second.load_state) == []
        assert second.index == stop and same(first, second)
        assert same(play(second, STEPS - stop), whole)


@pytest.mark.parametrize("case", ["modern-labels", "classic"])
def test_the_state_is_everything(case):
    """Weights, statistics and both moments of both players, and the average."""
    trainer = play(trainer_of(**CASES[case]), 2)
    tensors, numbers = trainer.state()
    assert numbers == {"step": 2, "images": 2 * BATCH}
    for name, player in trainer.game.players.items():
        assert {f"players.{name}.{key}" for key in player.state_dict()} <= tensors.keys()
        orthogonal = trainer.plan.optimiser == "orthogonal"
        for index, weight in enumerate(player.parameters()):
            if orthogonal and is_matrix(weight):
                continue  # it moves by its newest gradient alone
            for moment in ("exp_avg", "exp_avg_sq", "step"):
                assert f"optimisers.{name}.{index}.{moment}" in tensors
    assert {f"average.{key}" for key in trainer.average.module.state_dict()} <= tensors.keys()


def test_stopping_at_every_step_changes_nothing(tmp_path):
    whole = play(trainer_of(**CASES["modern-labels"]), STEPS)
    for stop in range(STEPS):
        part = trainer_of(**CASES["modern-labels"])
        if stop:
            checkpoints.take_latest(tmp_path, part.load_state)
        checkpoints.save(tmp_path, *play(part, 1).state())
    assert same(part, whole)


def test_the_run_is_its_seed_and_not_torchs_random_state():
    torch.manual_seed(1)
    state = torch.random.get_rng_state()
    one = play(trainer_of(augment=0.5), 3)
    assert torch.equal(torch.random.get_rng_state(), state)
    torch.manual_seed(2)
    assert same(play(trainer_of(augment=0.5), 3), one)
    assert not same(play(trainer_of(augment=0.5, seed=6), 3), one)


def test_what_is_watched_is_not_changed(tmp_path):
    """Scores and grids draw no randomness of the run's and change no weight, nor batch statistics."""
    for preset in PRESETS.names:
        alone = trainer_of(preset)
        assert alone.run()
        watched = trainer_of(preset)
        painter = Painter(TINY["latent"], [], 5)
        log = type("Log", (), {"write": lambda *_, **__: None})()
        seen = []
        watched.observers = [
            Grids(tmp_path / preset, [BATCH, 3 * BATCH], 4, painter, log),
            Scoring([2 * BATCH, STEPS * BATCH], lambda pictures: {"fd": pictures.mean()}, painter, seen.append, log),
        ]
        assert watched.run() and seen
        assert same(watched, alone)
        assert len(list((tmp_path / preset).glob("*.png"))) == 2


def test_the_last_step_is_the_one_that_reaches_the_budget():
    trainer = trainer_of(steps=3)
    assert trainer.run() and trainer.index == 3 and trainer.images_seen == 3 * BATCH
    assert trainer.run() and trainer.index == 3, "a finished run plays no further step"
    assert trainer_of(steps=1).plan.steps == 1


def test_a_stop_is_heard_after_the_step():
    class Stop(Observer):
        def after_step(self, trainer, step):
            trainer.stop_requested = step.index == 1

    trainer = trainer_of()
    trainer.observers = [Stop()]
    assert trainer.run() is False and trainer.index == 2


@pytest.mark.parametrize("case", ["modern", "modern-labels", "classic", "classic-labels", "augmented"])
def test_the_shared_fakes_give_the_gradient_of_drawing_again(case):
    """The generator has not moved since the critic's turn, so its turn takes the critic's fakes, graph and all."""
    gradients = []
    for again in (False, True):
        trainer = play(trainer_of(**CASES[case]), 2)
        game, step = trainer.game, trainer.begin_step()
        trainer._move(0, [step])
        if again:
            step.cache["fake"] = game._draw(step, "latent")
        weights = list(game.players["generator"].parameters())
        gradients.append(torch.autograd.grad(game.generator_loss(step).mean(), weights))
    assert all(torch.equal(shared, drawn) for shared, drawn in zip(*gradients))
    assert any(gradient.abs().sum() > 0 for gradient in gradients[0])


def test_a_turn_moves_its_own_player_only():
    trainer = play(trainer_of(), 1)
    for position, turn in enumerate(trainer.game.turns):
        step = trainer.begin_step()
        if turn.player == "generator":
            trainer.game.critic_loss(step)
        before = {name: [w.clone() for w in player.parameters()] for name, player in trainer.game.players.items()}
        trainer._move(position, [step])
        for name, player in trainer.game.players.items():
            moved = any(not torch.equal(old, new) for old, new in zip(before[name], player.parameters()))
            assert moved == (name == turn.player)
