"""A trained generator from a run folder, a file or a hub, ready to draw."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from gansmith.core import randomness
from gansmith.core.errors import InputError
from gansmith.core.files import write_atomically
from gansmith.core.images import channels_last, to_bytes
from gansmith.networks import FAMILIES, create_generator
from gansmith.networks.conditioning import GENERATOR_CONDITIONINGS

FILE = "generator.safetensors"
LARGEST = 2048
KEY = "gansmith"
UNUSABLE = (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError)


def save_generator(path: Path, module: nn.Module, description: dict[str, Any]) -> None:
    """Write weights and what is needed to rebuild the network into one safetensors file.

    Args:
        path: the file.
        module: the generator.
        description: ``family``, ``arguments``, ``classes`` (names), ``frequencies`` (of the classes).
    """
    tensors = {key: value.detach().contiguous().cpu() for key, value in module.state_dict().items()}
    metadata = {KEY: json.dumps(description)}
    write_atomically(path, lambda temporary: save_file(tensors, temporary, metadata))


def description_of(path: Path, what: str) -> dict[str, Any]:
    """What was written beside the weights, unchecked but for being a table.

    Raises: InputError: where there is none.
    """
    try:
        with safe_open(path, "pt") as file:
            return dict(json.loads((file.metadata() or {})[KEY]))
    except UNUSABLE as error:
        raise unusable(path, what, error) from error


def unusable(path: Path, what: str, error: Exception) -> InputError:
    """The file is not what it should be: one line that names the file and the reason."""
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return InputError(f"{path} is not a gansmith {what} ({reason}); use one that train or export wrote")


class Generator:
    """A trained generator.

    Attributes:
        module: the network, in eval mode.
        classes: names of the labels, empty for an unconditional one.
        resolution: (height, width).
    """

    def __init__(self, module: nn.Module, description: dict[str, Any], device: torch.device | str = "cpu"):
        self.device = torch.device(device)
        self.module = channels_last(module.to(self.device)).eval().requires_grad_(False)
        self.description = description
        self.latent = int(description["arguments"]["latent"])
        self.classes: list[str] = description["classes"]
        self.resolution: tuple[int, int] = tuple(description["arguments"]["resolution"])

    @classmethod
    def from_pretrained(cls, name: str | Path, device: torch.device | str = "cpu") -> "Generator":
        """Load from a run folder, a safetensors file, or a hub id such as ``user/model``.

        Raises: InputError: when nothing usable is there. No code is run and nothing is unpickled.
        """
        path = _find(name)
        description = description_of(path, "generator")
        if description.get("kind") == "translator":
            raise InputError(f"{name} makes pictures of pictures; use: gansmith translate {name} PICTURES")
        try:
            arguments = description["arguments"] | {"resolution": tuple(description["arguments"]["resolution"])}
            _check(description, arguments)
            module = create_generator(description["family"], **arguments)
            module.load_state_dict(load_file(path))
            return cls(module, description, device)
        except UNUSABLE as error:
            raise unusable(path, "generator", error) from error

    @torch.inference_mode()
    def sample(
        self, n: int, seed: int = 0, label: int | str | None = None, truncation: float = 1.0, batch: int = 100
    ) -> np.ndarray:
        """Draw images: (n, H, W, C) uint8, a function of the arguments alone.

        Args:
            n: how many.
            seed: of the latents; image i of a seed is the same for every n > i at equal batch.
            label: a class's name or index; None draws classes by their frequency in the training data.
            truncation: latents are multiplied by it; below 1, fewer kinds of better images.
            batch: images at a time.
        Raises: InputError: for a label that the generator does not know, or a negative n.
        """
        if n < 1 or not truncation >= 0:
            raise InputError("draw at least one image, with a truncation of at least 0")
        parts = []
        for start in range(0, n, batch):
            count = min(batch, n - start)
            z = randomness.normal((batch, self.latent), seed, "sample", start)[:count] * truncation
            labels = self._labels(label, batch, seed, start)
            labels = None if labels is None else labels[:count].to(self.device)
            parts.append(to_bytes(self.module(z.to(self.device), labels)).cpu().numpy())
        return np.concatenate(parts)

    def _labels(self, label: int | str | None, count: int, seed: int, start: int) -> torch.Tensor | None:
        if not self.classes:
            if label is not None:
                raise InputError("this generator was trained without labels; leave --label out")
            return None
        if label is None:
            draw = randomness.generator(seed, "sample-labels", start)
            weights = torch.tensor(self.description["frequencies"])
            return torch.multinomial(weights, count, replacement=True, generator=draw)
        if label in self.classes:
            return torch.full((count,), self.classes.index(str(label)))
        if str(label).isdecimal() and int(label) < len(self.classes):
            return torch.full((count,), int(label))
        raise InputError(f"no class is named {label!r}; there are: {', '.join(self.classes)}")


def _check(description: dict[str, Any], arguments: dict[str, Any]) -> None:
    height, width = arguments["resolution"]
    names, shares = description["classes"], description["frequencies"]
    sizes = [height, width, arguments["channels"] * 64, arguments["width"], arguments["latent"], len(names) + 1]
    if description["family"] not in FAMILIES.names or not all(isinstance(s, int) and 0 < s <= LARGEST for s in sizes):
        raise ValueError("the description names an unknown network or an unreasonable size")
    if (
        not isinstance(names, list)
        or not all(isinstance(name, str) for name in names)
        or arguments["classes"] != len(names)
    ):
        raise ValueError("the names of the classes do not fit the network")
    if arguments.get("conditioning", GENERATOR_CONDITIONINGS[0]) not in GENERATOR_CONDITIONINGS:
        raise ValueError("the description names an unknown conditioning")
    if (
        len(shares) != len(names)
        or not all(share >= 0 for share in shares)
        or (names and not 0 < sum(shares) < math.inf)
    ):
        raise ValueError("the frequencies do not fit the classes")


def _find(name: str | Path) -> Path:
    path = Path(name)
    if path.is_dir() and (path / FILE).is_file():
        return path / FILE
    if path.is_file():
        return path
    if path.is_dir():
        raise InputError(f"{path} holds no {FILE}; train further with: gansmith train --resume {path}")
    if str(name).count("/") == 1 and not str(name).startswith((".", "/")) and not path.parent.exists():
        return _from_hub(str(name))
    raise InputError(f"there is no run folder or file {path}; name the folder that train printed")


def _from_hub(name: str) -> Path:
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError
    except ImportError as error:
        raise InputError(f"{name} is not a folder here; for hub ids install: pip install 'gansmith[hub]'") from error
    try:
        return Path(hf_hub_download(name, FILE))
    except (HfHubHTTPError, HFValidationError, OSError, ValueError) as error:
        raise InputError(f"{name} is neither a folder here nor a model that the hub gives ({error})") from error
