"""The guard acts on findings, goes back, gives up, and all of it survives a kill."""

import json

import pytest
import torch
from tiny_trainer import BATCH, play, same, trainer_of

from gansmith.core.turns import Observer
from gansmith.diagnostics.examine import Diagnosis
from gansmith.diagnostics.finding import Finding
from gansmith.diagnostics.symptoms import SYMPTOMS
from gansmith.engine.observers.guarding import Guarding
from gansmith.engine.observers.saver import Saver
from gansmith.engine.trainer import NonFinite
from gansmith.recipes.choices import Facts
from gansmith.recipes.levers import levers_of

STEPS = 20


def finding(symptom, images=0):
    return Finding("act", 0.9, {"a_number": 1.0}, "do this", symptom=symptom, images=images)


class Doctor(Observer):
    """Finds at each step what it is told to, by step."""

    def __init__(self, found):
        self.found, self.diagnosis, self.looked_at = found, Diagnosis(), -1

    def after_step(self, trainer, step):
        names = self.found.get(trainer.index, ())
        self.diagnosis, self.looked_at = Diagnosis([finding(name) for name in names]), trainer.images_seen

    def forget(self, images):
        self.forgotten = images


class Scores(Observer):
    """The best score so far in the steps named."""

    def __init__(self, best):
        self.at, self.kept_at = best, -1

    def after_step(self, trainer, step):
        if trainer.index in self.at:
            self.kept_at = trainer.images_seen


class Rows(list):
    """A log that keeps what it is told."""

    def write(self, kind, images, **row):
        self.append({"kind": kind, "images": images} | row)


def guarded(found, best=(), **how):
    trainer = trainer_of(steps=STEPS, **how)
    facts = Facts(train_images=20, resolution=(28, 28), channels=3, classes=0, images=STEPS * BATCH)
    chosen = {"augment": 0.0} | how
    doctor, scores, log, said = Doctor(found), Scores(best), Rows(), []
    guard = Guarding(levers_of(trainer, chosen, facts), doctor, scores, log, said.append)
    trainer.observers = [doctor, scores, guard]
    return trainer, guard, log, said


def test_without_findings_a_guarded_run_is_the_run_itself():
    trainer, guard, log, _ = guarded({}, best=(3, 6))
    trainer.run()
    assert same(trainer, play(trainer_of(steps=STEPS), STEPS)) and log == [] and guard.healthy is not None


@pytest.mark.parametrize(
    ("symptom", "lever", "factor"),
    [("rate-too-high", "rate", 1 / 3), ("gamma-too-low", "gamma", 10), ("ema-lag", "average", 0.1)],
)
def test_it_turns_the_lever_that_a_finding_asks_for(symptom, lever, factor):
    trainer, guard, log, said = guarded({8: [symptom]})
    rate, gamma = trainer.plan.rates["critic"](0.5), trainer.game.rules.gamma(0.5)
    trainer.run()
    assert guard.levers[lever].value == pytest.approx(factor) and guard.acts == {symptom: 1}
    assert log[0]["kind"] == "event" and log[0]["images"] == 8 * BATCH and lever in log[0]["what"]
    assert symptom.replace("-", " ") in log[0]["detail"] and said
    changed = {"rate": trainer.plan.rates["critic"](0.5) / rate, "gamma": trainer.game.rules.gamma(0.5) / gamma}
    assert changed.get(lever, factor) == pytest.approx(factor)


def test_a_game_without_a_penalty_is_given_one():
    trainer, guard, _, _ = guarded({8: ["gamma-too-low"]}, penalty=None, gamma=[0.0, 0.0])
    assert trainer.game.rules.penalty is None
    trainer.run()
    assert trainer.game.rules.penalty is not None and trainer.game.rules.gamma(0.9) > 0 and guard.acts


def test_augmentation_is_added_in_every_lane():
    trainer, _, _, _ = guarded({8: ["critic-overfit"]}, lanes=2)
    trainer.run()
    assert all(game.augment.probability > 0 for game in trainer.lanes.games)


def test_it_waits_between_acts_and_does_not_go_on_forever():
    trainer, _, log, _ = guarded({step: ["rate-too-low"] for step in range(STEPS)})
    trainer.run()
    moments = [row["images"] for row in log]
    assert len(moments) <= 4 and min(b - a for a, b in zip(moments, moments[1:], strict=False)) > BATCH


def test_it_goes_back_to_the_last_healthy_weights():
    trainer, _, log, _ = guarded({10: ["divergence"]}, best=(4,))
    trainer.run()
    assert "went back" in log[0]["what"] and trainer.index == STEPS
    never, *_ = guarded({10: ["rate-too-high"]}, best=(4,), rate=[1e-3, 1e-3])
    never.run()
    assert not same(trainer, never)
    trainer, *_ = guarded({10: ["divergence"]}, best=(4,))
    kept = play(trainer_of(steps=STEPS), 4)
    while trainer.index < 10:
        step = trainer.play()
        for observer in trainer.observers:
            observer.after_step(trainer, step)
    weights = zip(trainer.game.critic.parameters(), kept.game.critic.parameters(), strict=True)
    assert all(torch.equal(ours, theirs) for ours, theirs in weights)


def test_what_is_not_a_number_is_stepped_over_where_there_is_a_way_back():
    trainer, guard, log, _ = guarded({}, best=(3,))
    batches = trainer.batches
    broken = lambda step: (batches(step)[0] * float("nan"), None) if step == 9 else batches(step)  # noqa: E731
    trainer.batches = broken
    trainer.run()
    assert trainer.done and guard.rescues == 1 and "went back" in log[0]["what"]
    trainer, *_ = guarded({})
    batches = trainer.batches
    trainer.batches = broken
    with pytest.raises(NonFinite):
        trainer.run()


def test_a_fatal_finding_that_nothing_helps_ends_the_run():
    fatal = next(name for name in SYMPTOMS.names if SYMPTOMS.get(name).fatal and SYMPTOMS.get(name).cure is None)
    trainer, guard, log, _ = guarded({step: [fatal] for step in range(4, STEPS)})
    assert trainer.run() is False
    assert guard.gave_up and 4 < trainer.index < STEPS and "stopped" in log[-1]["what"]


@pytest.mark.parametrize("stop", [5, 9, 11, 14])
def test_a_guarded_run_that_is_killed_and_resumed_is_the_unbroken_one(stop, tmp_path):
    found, best = {8: ["rate-too-high"], 12: ["divergence"], 15: ["critic-overfit"]}, (4, 7)
    whole, *_ = guarded(found, best)
    whole.run()
    first, guard, *_ = guarded(found, best)
    saver = Saver(tmp_path, {"guarding": guard}, every_seconds=1e9)
    saver.on_start(first)
    while first.index < stop:
        step = first.play()
        for observer in first.observers:
            observer.after_step(first, step)
    saver.save(first)
    second, guard, *_ = guarded(found, best)

    def take(tensors, numbers):
        second.load_state(tensors, numbers)
        guard.load_state(json.loads(json.dumps(numbers["observers"]["guarding"])))
        guard.load_tensors(tensors)

    from gansmith.engine import checkpoints

    assert checkpoints.take_latest(tmp_path, take) == []
    second.run()
    assert same(second, whole)
