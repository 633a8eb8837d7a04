"""Batches by step: what is shown in step k is a function of (seed, k), whoever asks and whenever."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor

from gansmith.core import randomness
from gansmith.core.images import to_float


class Batches:
    """Shuffled passes over some rows of the prepared images, indexed by step.

    Every pass (epoch) is a permutation drawn from (seed, epoch); step k takes the k-th run of
    ``batch`` positions, across the border of two passes where it falls so.

    Args:
        images: (n, H, W, C) uint8, usually a memory map.
        labels: (n,) int64, or None.
        rows: the rows that may be shown.
        batch: rows a step, over all ranks.
        seed: of the run.
        mirror: whether each shown image is mirrored left to right with probability 1/2.
        device: where the batch goes.
        share: (rank, ranks): the part of each batch that this process takes.
    Check: batches(k) is equal however many steps were asked for before.
    """

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray | None,
        rows: np.ndarray,
        *,
        batch: int,
        seed: int,
        mirror: bool = False,
        device: torch.device | str = "cpu",
        share: tuple[int, int] = (0, 1),
    ):
        self.images, self.labels, self.rows = images, labels, rows
        self.batch, self.seed, self.mirror, self.device = batch, seed, mirror, torch.device(device)
        rank, ranks = share
        self.part = slice(rank * batch // ranks, (rank + 1) * batch // ranks)
        self.waited_seconds = 0.0
        self._orders: dict[int, np.ndarray] = {}
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="batches")
        self._ahead: tuple[int, Future] | None = None

    def __call__(self, step: int) -> tuple[Tensor, Tensor | None]:
        """Step -> images (N, C, H, W) float32 in [-1, 1] and labels (N,) int64 or None, on the device."""
        began = time.perf_counter()
        if self._ahead is not None and self._ahead[0] == step:
            pixels, labels = self._ahead[1].result()
        else:
            pixels, labels = self._read(step)
        self._ahead = (step + 1, self._reader.submit(self._read, step + 1))
        self.waited_seconds += time.perf_counter() - began
        real = to_float(torch.from_numpy(pixels).to(self.device))
        return real, None if labels is None else torch.from_numpy(labels).to(self.device)

    def rows_of(self, step: int) -> np.ndarray:
        """(batch,) rows shown in this step, over all ranks."""
        positions = np.arange(step * self.batch, (step + 1) * self.batch)
        epochs, places = np.divmod(positions, len(self.rows))
        return np.concatenate([self._order(epoch)[places[epochs == epoch]] for epoch in np.unique(epochs)])

    def _order(self, epoch: int) -> np.ndarray:
        order = self._orders.get(epoch)
        if order is None:  # the reader may ask at the same time: each returns what it made itself
            draw = randomness.generator(self.seed, "order", int(epoch))
            order = self.rows[torch.randperm(len(self.rows), generator=draw).numpy()]
            self._orders = {e: o for e, o in self._orders.items() if e >= epoch - 1} | {epoch: order}
        return order

    def _read(self, step: int) -> tuple[np.ndarray, np.ndarray | None]:
        rows = self.rows_of(step)[self.part]
        pixels = self.images[rows]
        if self.mirror:
            draw = randomness.integers(2, self.batch, self.seed, "mirror", step)[self.part].numpy().astype(bool)
            pixels[draw] = pixels[draw, :, ::-1]
        return pixels, None if self.labels is None else self.labels[rows]


BatchSource = Callable[[int], tuple[Tensor, Tensor | None]]
