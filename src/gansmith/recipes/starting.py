"""Another run's weights as the beginning of a new one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from gansmith.core.errors import InputError
from gansmith.core.runfolder import RunFolder
from gansmith.engine import checkpoints
from gansmith.engine.trainer import Trainer
from gansmith.recipes.choices import Choice, Choices

_SHAPING = ("network", "generator_width", "critic_width", "latent")


@dataclass(frozen=True)
class Start:
    """Weights of all players and of the running average, and the choices that gave their shapes."""

    path: Path
    resolution: str
    choices: Choices
    tensors: dict[str, torch.Tensor]

    def into(self, trainer: Trainer) -> None:
        """Take over every weight of equal name and shape; those of other shapes (labels) begin anew.

        Raises: InputError: when nothing fits.
        """
        taken = 0
        modules = {f"players.{name}": player for name, player in trainer.game.players.items()}
        for prefix, module in (modules | {"average": trainer.average.module}).items():
            mine = module.state_dict()
            fitting = {
                key: self.tensors[f"{prefix}.{key}"]
                for key, value in mine.items()
                if (theirs := self.tensors.get(f"{prefix}.{key}")) is not None and theirs.shape == value.shape
            }
            module.load_state_dict(mine | fitting)
            taken += len(fitting)
        if not taken:
            raise InputError(f"no weight of {self.path} fits this network; leave --from out")


def read(run: Path | str) -> Start:
    """The last whole checkpoint of a run.

    Raises: InputError: not a run folder, or none of its checkpoints is whole.
    """
    folder = RunFolder(Path(run))
    config = folder.read_config()
    found: dict[str, Any] = {}
    checkpoints.take_latest(folder.checkpoints, lambda tensors, numbers: found.update(tensors=tensors))
    choices = {name: Choice(config["choices"][name]["value"], f"as in {run}") for name in _SHAPING}
    return Start(folder.path, config["reading"]["resolution"], choices, found["tensors"])
