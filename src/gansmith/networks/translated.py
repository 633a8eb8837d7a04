"""A trained translator from a run folder or a file, ready to translate pictures of any size."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from gansmith.core import randomness
from gansmith.core.degrade import GROUND, holed, resized
from gansmith.core.errors import InputError
from gansmith.core.files import write_atomically
from gansmith.core.images import channels_last, to_bytes, to_float
from gansmith.networks.local import set_borders
from gansmith.networks.pretrained import FILE, KEY, UNUSABLE, description_of, unusable
from gansmith.networks.translators import TRANSLATORS, create_translator

DIRECTIONS = {"a-to-b": "a_to_b", "b-to-a": "b_to_a"}
WHOLE = 512**2
LARGEST = {"given": 16, "channels": 16, "latent": 512, "width": 512, "residual": 1}
BEFORE = ("", "enlarge-2", "enlarge-4", "enlarge-8", "holes")


def save_translator(path: Path, module: nn.Module, description: dict[str, Any]) -> None:
    """Write weights and what is needed to rebuild them into one safetensors file.

    Args:
        path: the file.
        module: one translator, or several by direction (``a_to_b``, ``b_to_a``).
        description: ``family`` and ``arguments`` of the translator from A to B.
    """
    tensors = module.state_dict()
    if not any(name.startswith(tuple(f"{key}." for key in DIRECTIONS.values())) for name in tensors):
        tensors = {f"a_to_b.{name}": value for name, value in tensors.items()}
    kept = {name: value.detach().contiguous().cpu() for name, value in tensors.items()}
    metadata = {KEY: json.dumps(description | {"kind": "translator"})}
    write_atomically(path, lambda temporary: save_file(kept, temporary, metadata))


class Translator:
    """A trained translator.

    Attributes:
        description: ``family`` and ``arguments``.
        directions: what it can do: "a-to-b", and "b-to-a" where a way back was learned.
    """

    def __init__(self, modules: dict[str, nn.Module], description: dict[str, Any], device: torch.device | str = "cpu"):
        self.device, self.description = torch.device(device), description
        self.modules = {
            name: channels_last(module.to(self.device)).eval().requires_grad_(False) for name, module in modules.items()
        }
        self.directions = list(modules)

    @classmethod
    def from_pretrained(cls, name: str | Path, device: torch.device | str = "cpu") -> "Translator":
        """Load from a run folder or a safetensors file.

        Raises: InputError: when no translator is there. No code is run and nothing is unpickled.
        """
        path = Path(name)
        path = path / FILE if path.is_dir() else path
        if not path.is_file():
            raise InputError(f"there is no translator at {name}; name a run folder that train printed")
        description = description_of(path, "translator")
        if description.get("kind") != "translator":
            raise InputError(
                f"{name} holds a generator that draws from noise and translates nothing; gansmith sample {name}"
            )
        try:
            return cls(_modules(description, load_file(path)), description, device)
        except UNUSABLE as error:
            raise unusable(path, "translator", error) from error

    def translate(
        self,
        picture: np.ndarray,
        direction: str = "a-to-b",
        *,
        seed: int = 0,
        variant: int = 0,
        whole: int = WHOLE,
        wrap: tuple[bool, bool] = (False, False),
        progress: Callable[[float], None] | None = None,
    ) -> np.ndarray:
        """One picture of any size, in tiles where it is large.

        Args:
            picture: (H, W, C) uint8, with the channels that the direction takes.
            direction: "a-to-b" or "b-to-a".
            seed, variant: of the noise, where the translator takes some; each variant is another answer.
            whole: larger pictures, by pixels, are translated in tiles of about so many.
            wrap: whether the picture goes on at its opposite border, (top and bottom, left and right); not in tiles.
            progress: told the share that is done.
        Returns: (H, W, C') uint8, enlarged where that is what was learned.
        Raises: InputError: other channels, or a direction that was not learned.
        Check: in tiles as whole, to one grey level, for a family that is ``local``.
        """
        network: Any = self.module(direction)
        given = self.channels(direction)[0]
        if picture.ndim != 3 or picture.shape[2] != given:
            raise InputError(f"this translator takes pictures of {given} channels, not {picture.shape[-1]}")
        picture = self._before(picture)
        z = None
        if latent := self.description["arguments"].get("latent", 0):
            z = randomness.normal((1, latent), seed, "translate", variant).to(self.device)
        if any(wrap):
            return self._after(picture, self._wrapped(network, picture, z, wrap))
        height, width = picture.shape[:2]
        made = np.empty((height, width, self.channels(direction)[1]), np.uint8)
        tiles = list(_tiles(height, width, whole, network.stride, getattr(network, "radius", network.stride * 8)))
        for number, (core, seen) in enumerate(tiles):
            part = self._whole(network, picture[seen], z)
            inside = (slice(c.start - s.start, c.stop - s.start) for c, s in zip(core, seen, strict=True))
            made[core] = part[tuple(inside)]
            if progress is not None:
                progress((number + 1) / len(tiles))
        return self._after(picture, made)

    @property
    def enlarges(self) -> int:
        """By how much an answer is larger than the given picture."""
        kind, _, factor = self.description.get("before", "").partition("-")
        return int(factor) if kind == "enlarge" else 1

    @property
    def fills(self) -> bool:
        """Whether it fills the transparent parts of a picture."""
        return self.description.get("before") == "holes"

    def _before(self, picture: np.ndarray) -> np.ndarray:
        """The given picture as the network was shown it."""
        if self.enlarges > 1:
            return resized(picture, picture.shape[1] * self.enlarges, picture.shape[0] * self.enlarges)
        return holed(picture[..., :-1], picture[..., -1] >= GROUND) if self.fills else picture

    def _after(self, picture: np.ndarray, made: np.ndarray) -> np.ndarray:
        """The answer; what was known stays as it was."""
        return np.where(picture[..., -1:] > 0, picture[..., :-1], made) if self.fills else made

    def channels(self, direction: str) -> tuple[int, int]:
        """Of what is given and of what is made."""
        arguments = self.description["arguments"]
        both = arguments["given"], arguments["channels"]
        return both if direction == "a-to-b" else both[::-1]

    @property
    def local(self) -> bool:
        """Whether tiles equal the whole."""
        return TRANSLATORS.get(self.description["family"]).local

    @torch.inference_mode()
    def _whole(self, network: nn.Module, picture: np.ndarray, z: Tensor | None) -> np.ndarray:
        x = to_float(torch.from_numpy(np.ascontiguousarray(picture))[None].to(self.device))
        return to_bytes(network(x, z))[0].cpu().numpy()

    def _wrapped(self, network: Any, picture: np.ndarray, z: Tensor | None, wrap: tuple[bool, bool]) -> np.ndarray:
        height, width = picture.shape[:2]
        if not self.local:
            raise InputError("only translators of local layers can wrap around; train with --network local")
        if any(side % network.stride for side, wrapped in zip((height, width), wrap, strict=True) if wrapped):
            raise InputError(
                f"a side that wraps around must be a multiple of {network.stride} pixels, and this is {width}x{height}"
            )
        borders: list[Any] = ["wrap" if side else "zeros" for side in wrap]
        try:
            set_borders(network, *borders)
            return self._whole(network, picture, z)
        finally:
            set_borders(network, "zeros", "zeros")

    def module(self, direction: str) -> nn.Module:
        """The network of a direction.

        Raises: InputError: for one that was not learned.
        """
        if direction not in self.modules:
            raise InputError(f"this run translates {' and '.join(self.directions)} only, not {direction}")
        return self.modules[direction]


Box = tuple[slice, slice]


def _tiles(height: int, width: int, whole: int, stride: int, radius: int) -> Iterator[tuple[Box, Box]]:
    """(what is kept, what is looked at) of each tile; one where the picture is small enough.

    Check: what is kept covers each pixel once; what is looked at begins at multiples of the stride and reaches
    ``radius`` beyond what is kept, or to the border.
    """
    if height * width <= whole:
        yield (slice(0, height), slice(0, width)), (slice(0, height), slice(0, width))
        return
    margin = -(-radius // stride) * stride
    side = max(stride, int(whole**0.5) // stride * stride)
    for top in range(0, height, side):
        for left in range(0, width, side):
            core = slice(top, min(top + side, height)), slice(left, min(left + side, width))
            yield core, (_around(core[0], margin, height), _around(core[1], margin, width))


def _around(core: slice, margin: int, end: int) -> slice:
    return slice(max(0, core.start - margin), min(end, core.stop + margin))


def _modules(description: dict[str, Any], tensors: dict[str, Tensor]) -> dict[str, nn.Module]:
    arguments = description["arguments"]
    known = set(LARGEST) >= set(arguments)
    if description["family"] not in TRANSLATORS.names or not known:
        raise ValueError("the description names an unknown network")
    if description.get("before", "") not in BEFORE:
        raise ValueError("the description names an unknown preparation")
    if not all(isinstance(value, int) and 0 <= value <= LARGEST[key] for key, value in arguments.items()):
        raise ValueError("the description names an unreasonable size")
    found: dict[str, nn.Module] = {}
    for direction, prefix in DIRECTIONS.items():
        own = {
            name.removeprefix(f"{prefix}."): value for name, value in tensors.items() if name.startswith(f"{prefix}.")
        }
        if own:
            turned = arguments | {"given": arguments["channels"], "channels": arguments["given"]}
            found[direction] = create_translator(
                description["family"], **(arguments if direction == "a-to-b" else turned)
            )
            found[direction].load_state_dict(own)
    if "a-to-b" not in found:
        raise ValueError("it holds no weights from A to B")
    return found
