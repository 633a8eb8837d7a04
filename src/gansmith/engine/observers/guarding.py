"""The guard: does what a finding asks for, goes back to healthy weights, and stops when nothing helps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from gansmith.core.turns import Observer, Step
from gansmith.diagnostics.finding import Finding, in_words
from gansmith.diagnostics.symptoms import SYMPTOMS
from gansmith.engine.observers.diagnosing import Diagnosing

PAUSE = 0.08  # of the budget, after an act, before the next
PATIENCE = 0.25  # of the budget, that a fatal finding may stand after the last act
MOST_ACTS = 4  # for one symptom
RESCUES = 3
PREFIX = "guard."


@dataclass
class Lever:
    """Something that can be changed while a training runs.

    Attributes:
        move: takes a new value up.
        value: where it stands; 1 for a factor.
        lowest, highest: how far it may go.
        adds: whether an act is added to it; otherwise it multiplies.
    """

    move: Callable[[float], None]
    value: float = 1.0
    lowest: float = 1e-3
    highest: float = 1e3
    adds: bool = False

    def turn(self, by: float) -> bool:
        """Change it; whether it moved."""
        wanted = self.value + by if self.adds else self.value * by
        wanted = min(max(wanted, self.lowest), self.highest)
        moved = wanted != self.value
        self.set(wanted)
        return moved

    def set(self, value: float) -> None:
        """Take this value up."""
        self.value = value
        self.move(value)


class Guarding(Observer):
    """Acts on the first finding that should be acted on and can be; every act is an event in metrics.jsonl.

    Healthy weights are those of the last score that was the best so far while nothing was found. Going back takes
    them up, with their moments, and goes on with the next images: the schedule and the budget stay.

    Args:
        levers: by name, as cures call them.
        diagnosing: what is found.
        log: told of each act.
        tell: called with each act in words.
    Check: a guarded run that is killed and resumed ends with the weights of an unbroken one.
    """

    def __init__(
        self, levers: Mapping[str, Lever], diagnosing: Diagnosing, scoring: Any, log: Any, tell: Callable[[str], None]
    ):
        self.levers, self.diagnosing, self.scoring, self.log, self.tell = levers, diagnosing, scoring, log, tell
        self.acts: dict[str, int] = {}
        self.acted_at, self.rescues, self.gave_up = 0, 0, ""
        self.healthy: tuple[dict[str, torch.Tensor], dict[str, Any]] | None = None

    def state(self) -> dict[str, Any]:
        """Where the levers stand and what was done."""
        return {
            "levers": {name: lever.value for name, lever in self.levers.items()},
            "acts": dict(self.acts),
            "acted_at": self.acted_at,
            "rescues": self.rescues,
            "gave_up": self.gave_up,
            "healthy": None if self.healthy is None else self.healthy[1],
        }

    def tensors(self) -> dict[str, torch.Tensor]:
        """The healthy weights, beside the run's own in its checkpoint."""
        return {} if self.healthy is None else {PREFIX + name: value for name, value in self.healthy[0].items()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take it up; the weights come by ``load_tensors``."""
        for name, value in state["levers"].items():
            if value != self.levers[name].value:
                self.levers[name].set(value)
        self.acts, self.acted_at, self.rescues = dict(state["acts"]), state["acted_at"], state["rescues"]
        self.gave_up, self._numbers = state["gave_up"], state["healthy"]

    def load_tensors(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """The healthy weights out of a checkpoint."""
        kept = {name.removeprefix(PREFIX): value for name, value in tensors.items() if name.startswith(PREFIX)}
        self.healthy = (kept, self._numbers) if kept else None

    def after_step(self, trainer: Any, step: Step) -> None:
        if self.diagnosing.looked_at != trainer.images_seen:
            return
        pressing = [finding for finding in self.diagnosing.diagnosis.findings if finding.severity == "act"]
        if not pressing:
            if self.scoring.kept_at == trainer.images_seen:
                self._keep(trainer)
            return
        if trainer.images_seen - self.acted_at >= PAUSE * trainer.plan.images:
            self._act(trainer, pressing)

    def rescue(self, trainer: Any, error: Any) -> bool:
        if self.healthy is None or self.rescues >= RESCUES:
            return False
        self.rescues += 1
        self._back(trainer)
        self.levers["rate"].turn(1 / 3)
        self._acted(trainer, "went back to healthy weights, rate cut to a third", str(error))
        return True

    def _act(self, trainer: Any, pressing: list[Finding]) -> None:
        for finding in pressing:
            cure = SYMPTOMS.get(finding.symptom).cure
            if cure is None or cure.lever not in self.levers or self.acts.get(finding.symptom, 0) >= MOST_ACTS:
                continue
            lever = self.levers[cure.lever]
            before = lever.value
            if not lever.turn(cure.factor):
                continue
            back = cure.back and self.healthy is not None
            if back:
                self._back(trainer)
            self.acts[finding.symptom] = self.acts.get(finding.symptom, 0) + 1
            what = f"{cure.lever} from {before:.3g} to {lever.value:.3g}"
            self._acted(trainer, f"went back to healthy weights, {what}" if back else what, in_words(finding))
            return
        self._give_up(trainer, pressing)

    def _give_up(self, trainer: Any, pressing: list[Finding]) -> None:
        for finding in pressing:
            since = max(finding.images, self.acted_at)
            lasting = trainer.images_seen - since >= PATIENCE * trainer.plan.images
            if SYMPTOMS.get(finding.symptom).fatal and lasting:
                self.gave_up = in_words(finding)
                self._say(trainer, "stopped: nothing that can be done meanwhile helps", self.gave_up)
                trainer.stop_requested = True
                return

    def _keep(self, trainer: Any) -> None:
        tensors, numbers = trainer.state()
        self.healthy = {name: value.detach().clone() for name, value in tensors.items()}, numbers

    def _back(self, trainer: Any) -> None:
        if self.healthy is not None:
            tensors, numbers = self.healthy
            copies = {name: value.clone() for name, value in tensors.items()}
            trainer.load_state(copies, numbers | {"step": trainer.index})

    def _acted(self, trainer: Any, what: str, why: str) -> None:
        """Say so, and judge what comes after it by itself."""
        self.acted_at = trainer.images_seen
        self.diagnosing.forget(self.acted_at)
        self._say(trainer, what, why, changed=True)

    def _say(self, trainer: Any, what: str, why: str, **more: bool) -> None:
        self.log.write("event", trainer.images_seen, what=f"guard: {what}", detail=why, **more)
        self.tell(f"The guard: {what}. {why}")
