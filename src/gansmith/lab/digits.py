"""Stacks of three digits, which make a thousand modes that can be read, and the network that reads them."""

import io
import math
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gansmith.core import randomness
from gansmith.core.errors import WorkError
from gansmith.core.files import write_atomically
from gansmith.core.images import to_float
from gansmith.core.progress import Progress
from gansmith.data.batches import Batches
from gansmith.data.prepare import Prepared
from gansmith.lab.weights import seeded

STACK = 3
MODES = 10**STACK
CONFIDENCE = 0.8
ACCURACY = 0.99
READER_STEPS, READER_BATCH, READER_RATE = 2500, 64, 2e-3
AT_ONCE = 500


def stacks(digits: Prepared, rows: np.ndarray, count: int, seed: int) -> Iterator[np.ndarray]:
    """``count`` pictures (H, W, 3) uint8, each of three digits drawn from these rows, one a channel."""
    drawn = rows[randomness.integers(len(rows), count * STACK, seed, "stacks").numpy()].reshape(count, STACK)
    for three in drawn:
        yield np.concatenate([digits.images[row] for row in three], axis=-1)


def write_stacks(path: Path, digits: Prepared, count: int, seed: int, progress: Progress) -> None:
    """A zip of stacked digits from the training split, whole or absent."""

    def write(temporary: Path) -> None:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
            for index, picture in enumerate(stacks(digits, digits.splits["train"], count, seed)):
                packed = io.BytesIO()
                Image.fromarray(picture).save(packed, "PNG")
                archive.writestr(f"{index:06d}.png", packed.getvalue())
                if index % AT_ONCE == 0:
                    progress.advance(index)

    progress.start(f"stacking digits, {count:,} pictures", count)
    write_atomically(path, write)
    progress.finish()


class Reader(nn.Module):
    """A picture of one digit -> ten logits: two convolutions, two linear layers."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 32, 5, 2, 2),
            nn.ReLU(),
            nn.Conv2d(32, 64, 5, 2, 2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.LazyLinear(128),
            nn.ReLU(),
            nn.Linear(128, 10),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, H, W) in [-1, 1] -> (N, 10)."""
        return self.layers(x)


def reader_of(digits: Prepared, path: Path, seed: int, progress: Progress) -> tuple[Reader, float]:
    """The reader, trained once and kept at ``path``, and its share of right answers on the test split.

    Raises: WorkError: when it reads fewer than 99 % of real digits, so that nothing could be said by it.
    """
    reader = _fresh(digits, seed)
    if path.exists():
        reader.load_state_dict(load_file(path))
    else:
        _train(reader, digits, seed, progress)
        write_atomically(path, lambda temporary: save_file(reader.state_dict(), temporary))
    rows = digits.splits["test"]
    assert digits.labels is not None
    read, _ = read_digits(reader, digits.images[rows])
    right = float((read == digits.labels[rows]).mean())
    if right < ACCURACY:
        raise WorkError(f"the reader is right on {right:.1%} of real digits, and 99 % are needed; remove {path}")
    return reader, right


def _fresh(digits: Prepared, seed: int) -> Reader:
    with seeded(seed):
        reader = Reader()
        reader(to_float(torch.from_numpy(digits.images[:1].copy())))  # fixes the lazy layer's inputs
    return reader.eval()


def _train(reader: Reader, digits: Prepared, seed: int, progress: Progress) -> None:
    batches = Batches(digits.images, digits.labels, digits.splits["train"], batch=READER_BATCH, seed=seed)
    optimiser = torch.optim.Adam(reader.parameters(), READER_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, READER_STEPS)
    reader.train()
    progress.start("learning to read digits", READER_STEPS)
    with seeded(seed):
        for step in range(READER_STEPS):
            pictures, labels = batches(step)
            assert labels is not None
            optimiser.zero_grad()
            cross_entropy(reader(pictures), labels).backward()
            optimiser.step()
            schedule.step()
            progress.advance(step + 1)
    progress.finish()
    reader.eval()


@torch.no_grad()
def read_digits(reader: Reader, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N, H, W, 1) uint8 -> the digits (N,) and how sure the reader is of each (N,)."""
    parts = [torch.from_numpy(pictures[i : i + AT_ONCE].copy()) for i in range(0, len(pictures), AT_ONCE)]
    sure, digits = torch.cat([reader(to_float(part)).softmax(1) for part in parts]).max(1)
    return digits.numpy(), sure.numpy()


@dataclass(frozen=True)
class StackReading:
    """What was read of many stacks.

    Attributes:
        modes: different numbers from 000 to 999 among those read.
        kl: Kullback-Leibler divergence of their shares to equal ones.
        sure: share of stacks whose three digits are each read with a confidence of at least 0.8.
    """

    modes: int
    kl: float
    sure: float

    @classmethod
    def of(cls, reader: Reader, pictures: np.ndarray) -> "StackReading":
        """Read (N, H, W, 3) uint8; stacks that are not read surely do not count."""
        read, sure = zip(*(read_digits(reader, pictures[..., i : i + 1]) for i in range(STACK)), strict=True)
        counted = np.min(sure, axis=0) >= CONFIDENCE
        numbers = sum(digit * 10 ** (STACK - 1 - place) for place, digit in enumerate(read))
        return cls.of_counts(np.bincount(np.asarray(numbers)[counted], minlength=MODES), len(pictures))

    @classmethod
    def of_counts(cls, counts: np.ndarray, stacks: int) -> "StackReading":
        """Check: equal counts of every mode give a KL of 0; all in one mode log 1000."""
        shares = counts[counts > 0] / max(counts.sum(), 1)
        kl = float((shares * np.log(shares * MODES)).sum()) if len(shares) else math.log(MODES)
        return cls(int((counts > 0).sum()), kl, float(counts.sum() / stacks))
