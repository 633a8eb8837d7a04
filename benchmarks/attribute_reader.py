"""A reader of avatar attributes: one small CNN, trained on real renders, that names every part it sees."""

import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from gansmith.core.files import cache_folder, write_atomically
from gansmith.data.drawing import STYLES, render

NONE = "none"
BINS = 3
VERSION = 1
BATCH, RATE, EPOCHS, NOISE = 128, 3e-3, 8, 0.05
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Attribute:
    """One thing that can be read of a picture of one style.

    Attributes:
        name: as the renderer calls it.
        values: what it can be; ``none`` where the part is absent.
        edges: for a position or an angle, where its thirds meet; empty otherwise.
    """

    name: str
    values: list[str]
    edges: tuple[float, ...] = ()

    def code(self, row: dict[str, Any]) -> int:
        """The index of a row's value, or -1 for one that was never seen in training."""
        text = written(row.get(self.name))
        if self.edges and text != NONE:
            text = str(int(np.searchsorted(self.edges, row[self.name])))
        return self.values.index(text) if text in self.values else -1


def written(value: Any) -> str:
    """One value as text: a colour list joined, a missing part ``none``."""
    return NONE if value is None or value == [] else "+".join(value) if isinstance(value, list) else str(value)


def attributes_of(rows: Rows) -> list[Attribute]:
    """The attributes that vary among the training rows of one style: variants, colours, and thirds of positions.

    Whether a part is there is said by its variant; its colour counts where it varies, its fill never.
    """
    found = []
    for name in sorted({name for row in rows for name in row} - {"style", "seed"}):
        given = [row[name] for row in rows if written(row.get(name)) != NONE]
        present = Counter(map(written, given))
        varies = len(present) > 1 or (name.endswith("Variant") and 0 < len(given) < len(rows))
        if name.endswith("Fill") or not varies:
            continue
        absent = [NONE] * (len(given) < len(rows))
        if name.endswith(("Variant", "Color")):
            found.append(Attribute(name, sorted(present) + absent))
        else:
            edges = np.quantile(np.array(given, float), np.arange(1, BINS) / BINS)
            found.append(Attribute(name, [str(i) for i in range(BINS)] + absent, tuple(edges.tolist())))
    return found


@dataclass(frozen=True)
class Pictures:
    """Real renders and what is true of each.

    Attributes:
        images: (n, H, W, 3) uint8.
        rows: n attribute rows, the style among them.
    """

    images: np.ndarray
    rows: Rows

    @property
    def styles(self) -> np.ndarray:
        """(n,) position of each row's style in STYLES."""
        return np.array([STYLES.index(row["style"]) for row in self.rows])

    def of(self, style: str) -> "Pictures":
        """Those of one style."""
        chosen = np.flatnonzero(self.styles == STYLES.index(style))
        return Pictures(self.images[chosen], [self.rows[i] for i in chosen])

    def __add__(self, other: "Pictures") -> "Pictures":
        return Pictures(np.concatenate([self.images, other.images]), self.rows + other.rows)


def fresh_renders(purpose: str, each: int, resolution: int) -> Pictures:
    """``each`` renders of every style from seeds that no prepared set uses, kept in the cache."""
    made_with = "-".join(version(package) for package in ("dicebear-core", "dicebear-styles", "resvg-py"))
    stem = reader_folder() / f"renders-{purpose}-{each}-{resolution}-{made_with}"
    if not stem.with_suffix(".json").exists():
        parts = [render(style, [f"{style}-{purpose}-{i}" for i in range(each)], resolution) for style in STYLES]
        images, rows = np.concatenate([p[0] for p in parts]), [row for p in parts for row in p[1]]
        write_atomically(stem.with_suffix(".npy"), lambda path: _save_array(path, images))
        write_atomically(stem.with_suffix(".json"), lambda path: path.write_text(json.dumps(rows)) and None)
    return Pictures(np.load(stem.with_suffix(".npy")), json.loads(stem.with_suffix(".json").read_text()))


def reader_folder() -> Path:
    """Where renders and trained readers are kept."""
    folder = cache_folder() / "benchmarks" / "attributes"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _save_array(path: Path, values: np.ndarray) -> None:
    with open(path, "wb") as handle:
        np.save(handle, values)


class Reader(nn.Module):
    """Style and every attribute of a picture, from one trunk that keeps positions (parts have fixed places)."""

    def __init__(self, heads: dict[str, list[Attribute]], resolution: int):
        super().__init__()
        self.heads = heads
        widths = [len(STYLES)] + [len(a.values) for style in STYLES for a in heads[style]]
        self.trunk = nn.Sequential(
            *_layer(3, 32, 4, 2), *_layer(32, 64, 4, 2), *_layer(64, 64, 3, 1), *_layer(64, 96, 4, 2), nn.Flatten()
        )
        self.wide = nn.Sequential(nn.Linear(96 * (resolution // 8) ** 2, 384), nn.ReLU(), nn.Dropout(0.3))
        self.out = nn.Linear(384, sum(widths))
        self.widths = widths

    def forward(self, images: Tensor) -> list[Tensor]:
        """(N, 3, H, W) in [-1, 1] -> logits of the style, then of each style's attributes in order."""
        return list(self.out(self.wide(self.trunk(images))).split(self.widths, 1))

    def loss(self, images: Tensor, styles: Tensor, codes: Tensor) -> Tensor:
        """Mean cross-entropy of the style, plus that of its own style's attributes.

        Args:
            images: (N, 3, H, W).
            styles: (N,).
            codes: (N, K), the attributes of each row's style, -1 beyond them.
        """
        logits = self(images)
        total, start = F.cross_entropy(logits[0], styles), 1
        for index, style in enumerate(STYLES):
            mine, count = styles == index, len(self.heads[style])
            if bool(mine.any()):
                for k in range(count):
                    every = F.cross_entropy(logits[start + k][mine], codes[mine, k], ignore_index=-1, reduction="sum")
                    total = total + every / len(images)
            start += count
        return total

    @torch.inference_mode()
    def read(self, images: np.ndarray, style: str | None = None) -> np.ndarray:
        """(n, H, W, 3) uint8 -> (n,) style positions, or (n, K) codes of the attributes of ``style``."""
        self.eval()
        first = 1 + sum(len(self.heads[s]) for s in STYLES[: STYLES.index(style)]) if style else 0
        last = first + (len(self.heads[style]) if style else 1)
        parts = []
        for start in range(0, len(images), 500):
            logits = self(_to_float(torch.from_numpy(images[start : start + 500])))[first:last]
            parts.append(torch.stack([values.argmax(1) for values in logits], 1))
        codes = torch.cat(parts).numpy()
        return codes if style else codes[:, 0]


def _layer(inputs: int, outputs: int, size: int, stride: int) -> list[nn.Module]:
    convolution = nn.Conv2d(inputs, outputs, size, stride, 1, bias=False)
    return [convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]


def _to_float(images: Tensor) -> Tensor:
    return images.permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


def codes_of(pictures: Pictures, heads: dict[str, list[Attribute]]) -> np.ndarray:
    """(n, K) int64 codes of each row's own attributes, -1 where there are fewer or the value is new."""
    out = np.full((len(pictures.rows), max(map(len, heads.values()))), -1)
    for i, row in enumerate(pictures.rows):
        for k, attribute in enumerate(heads[row["style"]]):
            out[i, k] = attribute.code(row)
    return out


def trained_reader(training: Pictures, epochs: int = EPOCHS) -> Reader:
    """The reader of these pictures, from the cache if it was trained before."""
    heads = {style: attributes_of(training.of(style).rows) for style in STYLES}
    torch.manual_seed(0)
    reader = Reader(heads, training.images.shape[1]).to(memory_format=torch.channels_last)
    key = hashlib.sha256(training.images.tobytes() + json.dumps(training.rows).encode()).hexdigest()
    path = reader_folder() / f"reader-v{VERSION}-{epochs}-{key[:16]}.safetensors"
    if path.exists():
        reader.load_state_dict(load_file(path))
        return reader
    started = time.perf_counter()
    _train(reader, training, codes_of(training, heads), epochs)
    print(f"reader trained on {len(training.rows):,} renders in {time.perf_counter() - started:.0f} s", flush=True)
    state = {name: value.contiguous() for name, value in reader.state_dict().items()}
    write_atomically(path, lambda temporary: save_file(state, temporary))
    return reader


def _train(reader: Reader, training: Pictures, codes: np.ndarray, epochs: int) -> None:
    images, styles = torch.from_numpy(training.images), torch.from_numpy(training.styles)
    targets, steps = torch.from_numpy(codes), epochs * (len(codes) // BATCH)
    optimiser = torch.optim.AdamW(reader.parameters(), RATE, weight_decay=0.02, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    reader.train()
    for step in range(steps):
        if step % (len(codes) // BATCH) == 0:
            order = torch.randperm(len(codes))
        rows = order[step % (len(codes) // BATCH) * BATCH :][:BATCH]
        x = _to_float(images[rows])
        x += NOISE * torch.randn_like(x)
        optimiser.zero_grad()
        reader.loss(x, styles[rows], targets[rows]).backward()
        optimiser.step()
        schedule.step()
