"""One process's part of a run: wire the trainer and its observers, play, close the run."""

from typing import Any

import torch

from gansmith.core.errors import Interrupted, WorkError
from gansmith.core.files import remove_temporaries
from gansmith.core.progress import Progress
from gansmith.core.runfolder import RunFolder, same_again
from gansmith.diagnostics.finding import Finding, in_words, standing
from gansmith.diagnostics.not_finite import NOWHERE, where_it_began
from gansmith.engine import checkpoints
from gansmith.engine.interrupt import stops_politely
from gansmith.engine.observers.adaptive import Adaptive
from gansmith.engine.observers.diagnosing import Diagnosing
from gansmith.engine.observers.display import Display
from gansmith.engine.observers.grids import Grids
from gansmith.engine.observers.guarding import Guarding
from gansmith.engine.observers.log import Log
from gansmith.engine.observers.probing import Probing
from gansmith.engine.observers.saver import Saver
from gansmith.engine.observers.scoring import Scoring
from gansmith.engine.observers.tensorboard import TensorBoard
from gansmith.engine.pace import Layout, threads_given_back
from gansmith.engine.trainer import NonFinite, Trainer
from gansmith.recipes import RECIPES, starting
from gansmith.recipes.choices import Facts, from_json, values
from gansmith.recipes.diagnosing import record_of
from gansmith.recipes.kinds.image import altering
from gansmith.recipes.levers import levers_of
from gansmith.recipes.material import Material
from gansmith.recipes.recipe import plan_of
from gansmith.recipes.request import Result
from gansmith.recipes.setup import FEWEST_TO_CHOOSE
from gansmith.report.card import write_card
from gansmith.report.page import write_report

GRID_IMAGES = 64


class Session:
    """A run in this process.

    Args:
        run: where everything is written; nothing is before ``play``.
        config: the content of config.json.
        material: the data.
        judge: the features that scores are measured against, or None.
        device: where the networks are.
        progress: the listener.
    """

    def __init__(
        self,
        run: RunFolder,
        config: dict[str, Any],
        material: Material,
        judge: Any | None,
        device: torch.device,
        progress: Progress,
    ):
        self.run, self.config, self.material, self.judge, self.progress = run, config, material, judge, progress
        chosen = values(from_json(config["choices"]))
        self.seed, self.device = chosen["seed"], device
        self.layout = Layout(chosen["threads"], chosen.get("lanes", 1))
        self.facts = facts = material.facts(chosen["labels"], chosen["images"])
        game = RECIPES.get(config["recipe"]).build(chosen, facts, self.seed)
        self.painter = material.painter(chosen, facts, self.seed)
        batches = material.batches(chosen, facts, device, self.seed)
        self.trainer = Trainer(game, batches, plan_of(chosen, game, chosen["images"], self.seed), [], device)
        self._observe(chosen, facts)

    def _observe(self, chosen: dict[str, Any], facts: Facts) -> None:
        marks = self.config["schedule"]
        self.diagnosing = Diagnosing(record_of(chosen, facts), self.run.diagnosis, self._tell)
        mirrors = [TensorBoard(self.run.path / "tensorboard")] if chosen["tensorboard"] else []
        self.log = Log(self.run.metrics, marks["log_every_images"], [self.diagnosing.hear, *mirrors])
        self.scoring = Scoring(
            marks["score_marks"],
            self.judge.choose if self.judge else None,
            self.painter,
            self._keep,
            self.log,
            choose=facts.train_images >= FEWEST_TO_CHOOSE,
        )
        stateful: dict[str, Any] = {"log": self.log, "scoring": self.scoring, "diagnosing": self.diagnosing}
        if chosen.get("augment_rule") == "ada":
            stateful["adaptive"] = Adaptive(
                [altering(game) for game in self.trainer.lanes.games], chosen["images"], self.log
            )
        self.guarding = self._guard(chosen, facts)
        if self.guarding is not None:
            stateful["guarding"] = self.guarding
        self.saver = Saver(self.run.checkpoints, stateful)
        grids = Grids(self.run.samples, marks["grid_marks"], GRID_IMAGES, self.painter, self.log)
        shown = self.material.shown(chosen, facts, self.painter, self.device, self.seed)
        probing = Probing(marks.get("probe_marks", []), shown, self.log)
        display = Display(self.progress, self.scoring, marks["images_per_second"])
        adaptive = [stateful["adaptive"]] if "adaptive" in stateful else []
        guarding = [self.guarding] if self.guarding is not None else []
        watching = [probing, grids, self.scoring, self.diagnosing, *guarding]
        self.trainer.observers = [self.log, *adaptive, *watching, display, self.saver]

    def _guard(self, chosen: dict[str, Any], facts: Facts) -> Guarding | None:
        if not chosen.get("guard"):
            return None
        levers = levers_of(self.trainer, chosen, facts)
        return Guarding(levers, self.diagnosing, self.scoring, self.log, self.progress.message)

    def play(self) -> Result:
        """From the first step.

        Raises:
            WorkError: NaN, or a full disk; the last good state is kept.
            Interrupted: after Ctrl-C; the state is saved.
        """
        return self._play()

    def play_on(self) -> Result:
        """From the last usable checkpoint; from the first step if none was written yet.

        Raises: as ``play``; InputError: when there are checkpoints and none is usable.
        """
        remove_temporaries(self.run.path)
        if not checkpoints.any_in(self.run.checkpoints):
            self._begin_again()
            return self._play()
        for name in checkpoints.take_latest(self.run.checkpoints, self._take):
            self.progress.message(f"The checkpoint {name} was passed over; going on from the one before it.")
        return self._play()

    def _begin_again(self) -> None:
        self.run.metrics.unlink(missing_ok=True)
        self.run.diagnosis.unlink(missing_ok=True)
        self.progress.message("No checkpoint was written yet: beginning again from the first step.")
        if self.config["started_from"]:
            starting.read(self.config["started_from"]).into(self.trainer)

    def _take(self, tensors: dict[str, torch.Tensor], numbers: dict[str, Any]) -> None:
        self.trainer.load_state(tensors, numbers)
        for name, observer in self.saver.stateful.items():
            observer.load_state(numbers["observers"][name])
        if self.guarding is not None:
            self.guarding.load_tensors(tensors)
            self.trainer.stop_requested = bool(self.guarding.gave_up)
        self.diagnosing.take_up(self.run.rows())

    def _play(self) -> Result:
        try:
            with threads_given_back():
                self.layout.take()
                return self._played()
        except NonFinite as error:
            raise self._explained(error) from error
        except WorkError as error:
            raise WorkError(f"{error}; {self._saved()}; go on with: gansmith train --resume {self.run.path}") from error

    def _played(self) -> Result:
        with stops_politely(self.trainer):
            finished = self.trainer.run()
        if not finished and not (self.guarding and self.guarding.gave_up):
            self.log.write("event", self.trainer.images_seen, what="interrupted", detail="saved")
            self.saver.save(self.trainer)  # so that resuming keeps the row
            self._write_pages()
            raise self._interrupted()
        try:
            score = self._final()
        except KeyboardInterrupt as error:
            raise self._interrupted() from error
        self._write_pages()
        return Result(self.run.path, self.trainer.images_seen, self.log.seconds, score, standing(self.run.diagnosis))

    def _interrupted(self) -> Interrupted:
        return Interrupted(f"saved; go on with: gansmith train --resume {self.run.path}")

    def _tell(self, finding: Finding) -> None:
        """On the display, where it should be acted on."""
        if finding.severity == "act":
            self.progress.message(f"The doctor: {in_words(finding)}")

    def _keep(self, generator: torch.nn.Module) -> None:
        self.material.keep(self.run.generator, generator, self.config["network"], self.facts)

    def _final(self) -> dict[str, Any]:
        done = self.run.rows("final")
        if done or self.judge is None or not self.config["choices"]["final_score"]["value"]:
            return {k: v for k, v in done[-1].items() if k not in ("kind", "images", "seconds")} if done else {}
        score = self.material.final(self.run.generator, self.judge, self.painter, self.device, self.seed, self.progress)
        self.log.write("final", self.trainer.images_seen, **score)
        self.saver.save(self.trainer)  # so that resuming keeps the row
        return score

    def _write_pages(self) -> None:
        for write in (write_report, write_card):
            write(self.run.path)

    def _explained(self, error: NonFinite) -> WorkError:
        trainer = self.trainer
        where = trainer.replay(where_it_began) or NOWHERE
        self.log.write("stop", error.images_seen, player=error.player, what=error.what, where=where)
        self.diagnosing.look(error.images_seen)
        self._write_pages()
        rate = self.config["choices"]["rate"]["value"][0]
        begin = f" --from {self.run.path}" if checkpoints.any_in(self.run.checkpoints) else ""
        return WorkError(
            f"{error}; it began in {where}; {self._saved()}. "
            f"Go on with a smaller rate: gansmith train {same_again(self.config)}{begin} --rate {rate / 3:.2g}"
        )

    def _saved(self) -> str:
        """Where the last good state is, in words."""
        there = checkpoints.any_in(self.run.checkpoints)
        return f"the last good state is in {self.run.checkpoints}" if there else "no state had been saved yet"
