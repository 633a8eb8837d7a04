"""Pictures on the way: the same latents, drawn at fixed image counts."""

from pathlib import Path
from typing import Any

from gansmith.core.files import write_atomically
from gansmith.core.images import to_pillow
from gansmith.core.turns import Observer, Step
from gansmith.engine.drawing import Painter


class Grids(Observer):
    """Writes samples/IMAGES.png from the running average.

    Args:
        folder: samples/ of the run.
        marks: image counts, rising.
        count: images a grid.
        painter: gives the generator and the latents.
        log: told of each file.
    """

    def __init__(self, folder: Path, marks: list[int], count: int, painter: Painter, log: Any):
        self.folder, self.marks, self.painter, self.log = folder, marks, painter, log
        self.latents = painter.latents(count, "grid")

    def on_start(self, trainer: Any) -> None:
        self._left = [mark for mark in self.marks if mark > trainer.images_seen]

    def after_step(self, trainer: Any, step: Step) -> None:
        if self._left and trainer.images_seen >= self._left[0]:
            self._left = [mark for mark in self._left if mark > trainer.images_seen]
            picture = to_pillow(self.painter.sheet(self.painter.settled(trainer.average), self.latents))
            path = self.folder / f"{trainer.images_seen:010d}.png"
            write_atomically(path, lambda temporary: picture.save(temporary, format="PNG"))
            self.log.write("samples", trainer.images_seen, file=f"{self.folder.name}/{path.name}")
