"""What the adapters share: their command line, the pictures they train on, the pace they are measured at.

    PYTHON play_NAME.py pace PICTURES --out FOLDER                           # leaves FOLDER/pace.json
    PYTHON play_NAME.py train PICTURES --out FOLDER --images N --samples M   # leaves FOLDER/samples.npy

PYTHON is that of the project's own environment; PICTURES is a folder of square PNG files of one size and mode.
An adapter is one function, ``play(job)``: it trains by the project's own means on what ``job.stream`` hands out and
returns the function that draws from what was trained. Images are counted as they are handed out, and a pace is that of
whole rounds, a round being the images between two generator steps. None of them goes on after a kill: it begins anew.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import interpolate, pad
from torch.utils.data import DataLoader, Dataset, Sampler

WARM_SECONDS, PACE_SECONDS, UNBOUNDED, AT_ONCE = 10.0, 30.0, 100_000_000, 100
Draw = Callable[[int], torch.Tensor]  # count -> (count, C, H, W) in [-1, 1]

if torch.version.cuda is None:
    # PyPI's torchvision has no operators beside a CPU build of torch, and its import asks for these two by name.
    for operator in ("nms", "qnms"):
        torch.library.define(f"torchvision::{operator}", "(Tensor boxes, Tensor scores, float threshold) -> Tensor")


class PaceKnown(Exception):
    """Ends a training that was begun for its pace."""


class Stream(Sampler[int]):
    """All rows in random order, again and again, until ``images`` are handed out or the pace is known."""

    def __init__(self, rows: int, images: int, round_images: int, timed: bool):
        self.rows, self.images, self.round_images, self.timed = rows, images, round_images, timed

    def __len__(self) -> int:
        return self.images

    def __iter__(self) -> Iterator[int]:
        began, warm = time.perf_counter(), None
        for number in range(self.images):
            if self.timed and number and number % self.round_images == 0:
                seconds = time.perf_counter() - began
                if warm is None and seconds >= WARM_SECONDS:
                    warm = number, seconds
                elif warm is not None and seconds - warm[1] >= PACE_SECONDS:
                    raise PaceKnown((number - warm[0]) / (seconds - warm[1]))
            if number % self.rows == 0:
                order = torch.randperm(self.rows).tolist()
            yield order[number % self.rows]


class Pictures(Dataset[tuple[torch.Tensor, int]]):
    """Pictures in memory: (C, H, W) in [-1, 1], and a label that says nothing, since most loops unpack one."""

    def __init__(self, pictures: torch.Tensor):
        self.pictures = pictures

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, row: int) -> tuple[torch.Tensor, int]:
        return self.pictures[row] / 127.5 - 1, 0


@dataclass(frozen=True)
class Job:
    """What is asked of an adapter.

    Attributes:
        folder: the training pictures.
        images: how many to train on.
        timed: for the pace alone; ``images`` is out of reach then.
        out: the adapter's own folder, for what the project writes on the way.
    """

    folder: Path
    images: int
    timed: bool
    out: Path

    def pictures(self, side: int, channels: int = 0) -> Pictures:
        """The pictures at a network's side, with its channels where it has no choice.

        28 px get a black border up to 32, which ``as_pictures`` takes away again; up to 64 they are scaled.
        """
        arrays = [np.atleast_3d(np.asarray(Image.open(path))) for path in sorted(self.folder.glob("*.png"))]
        pictures = torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2)
        if channels > pictures.shape[1]:
            pictures = pictures.expand(-1, channels, -1, -1)
        border = side - pictures.shape[-1]
        if 0 < border < pictures.shape[-1] / 2:
            return Pictures(pad(pictures, [border // 2] * 4))
        if not border:
            return Pictures(pictures)
        return Pictures(torch.cat([_scaled(some.float(), side).round().byte() for some in pictures.split(1000)]))

    def stream(self, rows: int, round_images: int) -> Stream:
        """Which rows to train on, in which order."""
        return Stream(rows, self.images, round_images, self.timed)

    def loader(self, pictures: Dataset, batch: int, critic_steps: int = 1) -> DataLoader:
        """Whole batches of what the stream hands out."""
        stream = self.stream(len(pictures), batch * critic_steps)  # pyright: ignore - each of them has a length
        return DataLoader(pictures, batch, sampler=stream, drop_last=True)


def network_side(folder: Path) -> int:
    """The power of two that holds a picture."""
    side = picture_shape(folder)[0]
    return 1 << (side - 1).bit_length()


def picture_shape(folder: Path) -> tuple[int, int]:
    """(side, channels) of the pictures of a folder."""
    with Image.open(next(folder.glob("*.png"))) as picture:
        return picture.width, len(picture.getbands())


def as_pictures(samples: torch.Tensor, side: int, channels: int) -> np.ndarray:
    """(N, C, H, W) in [-1, 1] -> (N, side, side, channels) uint8: the border off or scaled down, grey by the mean."""
    border = samples.shape[-1] - side
    if 0 < border < side / 2:
        samples = samples[..., border // 2 : border // 2 + side, border // 2 : border // 2 + side]
    elif border:
        samples = _scaled(samples, side)
    if channels < samples.shape[1]:
        samples = samples.mean(1, keepdim=True)
    return ((samples + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()


def _scaled(pictures: torch.Tensor, side: int) -> torch.Tensor:
    return interpolate(pictures, (side, side), mode="bilinear", antialias=True)


def main(play: Callable[[Job], Draw]) -> None:
    """The command line of an adapter."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["pace", "train"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=UNBOUNDED)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    folder, out = given.folder.resolve(), given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    os.chdir(out)  # projects that write to the current folder do so here
    torch.manual_seed(given.seed)
    np.random.seed(given.seed)
    job = Job(folder, given.images, given.what == "pace", out)
    if not job.timed:
        save(play(job), given.samples, out, *picture_shape(folder))
        return
    try:
        play(job)
    except PaceKnown as known:
        (out / "pace.json").write_text(json.dumps({"images_per_second": known.args[0]}))


def save(draw: Draw, count: int, out: Path, side: int, channels: int) -> None:
    """samples.npy, whole or absent."""
    with torch.no_grad():
        parts = [as_pictures(draw(min(AT_ONCE, count - at)), side, channels) for at in range(0, count, AT_ONCE)]
    np.save(out / "begun.npy", np.concatenate(parts))
    (out / "begun.npy").rename(out / "samples.npy")
