"""The probe: at fixed image counts, what a diagnosis needs and no step notes by itself."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from gansmith.core.turns import Observer, Shown, Step, Telling
from gansmith.diagnostics.pictures import look_of
from gansmith.diagnostics.sketch import Sketch
from gansmith.engine.devices import autocast


class Probing(Observer):
    """Writes a row ``probe`` at the start and at each mark, and one ``real`` that it is compared with.

    It asks the game about fixed rows, looks at what the generator and its running average draw from fixed latents,
    and sketches where the weights are. Nothing of the run is changed by it, batch statistics included.

    Args:
        marks: image counts, rising.
        shown: the rows.
        log: told of each row.
    Check: a run that is probed ends with the weights of one that is not, bit for bit.
    """

    def __init__(self, marks: list[int], shown: Shown, log: Any):
        self.marks, self.shown, self.log = marks, shown, log

    def on_start(self, trainer: Any) -> None:
        self._left = [mark for mark in self.marks if mark > trainer.images_seen]
        self._sketches = {name: Sketch(player) for name, player in trainer.game.players.items()}
        if trainer.images_seen == 0 and self.marks:
            self.log.write("real", 0, **look_of(self.shown.train if self.shown.looks is None else self.shown.looks))
            self.log.write("probe", 0, **self._row(trainer))

    def after_step(self, trainer: Any, step: Step) -> None:
        if self._left and trainer.images_seen >= self._left[0]:
            self._left = [mark for mark in self._left if mark > trainer.images_seen]
            self.log.write("probe", trainer.images_seen, **self._row(trainer))

    def _row(self, trainer: Any) -> dict[str, Any]:
        game, average, shown = trainer.game, trainer.average.module, self.shown
        with untouched([*game.players.values(), average]), autocast(trainer.device, trainer.plan.precision):
            told = game.tell(shown) if isinstance(game, Telling) else {}
            with torch.no_grad():
                drawn, raw = (module(shown.z, shown.labels).float() for module in (average.train(), game.shown))
                moved = self._moved_by_labels(average, drawn) if shown.labels is not None else {}
                average.eval()
        row: dict[str, Any] = {name: round(float(value), 6) for name, value in told.items()} | moved
        row |= {"drawn": look_of(drawn), "raw": look_of(raw), "average_apart": round(_apart(drawn, raw), 6)}
        row["sketch"] = {name: sketch(game.players[name]) for name, sketch in self._sketches.items()}
        return row

    def _moved_by_labels(self, generator: nn.Module, drawn: Tensor) -> dict[str, float]:
        """How far another label moves an image, over how far another latent does."""
        z, labels = self.shown.z, self.shown.labels
        assert labels is not None
        other_label, other_latent = generator(z, labels.roll(1)).float(), generator(z.roll(1, 0), labels).float()
        return {"label_moves": round(_apart(drawn, other_label) / max(_apart(drawn, other_latent), 1e-9), 6)}


def _apart(ours: Tensor, theirs: Tensor) -> float:
    return float((ours - theirs).square().mean().sqrt())


@contextmanager
def untouched(modules: Iterable[nn.Module]) -> Iterator[None]:
    """Batch statistics that are gathered within it, and weights that are clipped, are put back."""
    tensors = [tensor for module in modules for tensor in (*module.parameters(), *module.buffers())]
    before = [tensor.detach().clone() for tensor in tensors]
    try:
        yield
    finally:
        with torch.no_grad():
            for tensor, kept in zip(tensors, before, strict=True):
                tensor.copy_(kept)
