"""Two domains as a training needs them: rows of both sides, pictures to translate, and what answers are held to."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gansmith.core import randomness
from gansmith.core.files import write_atomically
from gansmith.core.images import grid, to_float, to_pillow
from gansmith.core.progress import Progress
from gansmith.core.seeds import derived_seed
from gansmith.core.turns import Shown
from gansmith.data.batches import Batches, BatchSource
from gansmith.data.domains import Domains
from gansmith.data.prepare import Prepared
from gansmith.engine.drawing import Given, Painter, draw
from gansmith.metrics.features import cached_features
from gansmith.metrics.perceptual import perceptual_distance
from gansmith.metrics.score import LoopScore
from gansmith.metrics.translated import translation_score
from gansmith.networks.extractors import Extractor
from gansmith.networks.translated import Translator, save_translator
from gansmith.recipes.choices import Facts
from gansmith.recipes.material import Material
from gansmith.recipes.setup import SHOWN_IMAGES

COMPARED, MOST_REFERENCE, FEWEST = 1000, 10_000, 4
CASES, CASES_OF_EACH = "cases.png", 5
AT_ONCE, SHEET_ROWS, SHEET_ANSWERS = 50, 8, 3


@dataclass(frozen=True)
class Inputs:
    """Given pictures with noise.

    Attributes:
        pictures: (n, H, W, C) uint8.
        z: (n, latent), or None.
        rows: which rows of the prepared set they are.
    """

    pictures: np.ndarray
    z: Tensor | None
    rows: np.ndarray

    @property
    def count(self) -> int:
        """How many."""
        return len(self.pictures)

    def batches(self, device: torch.device | str) -> list[tuple[Tensor, Tensor | None]]:
        """In batches on the device, as the translator's arguments."""
        parts = [slice(start, start + AT_ONCE) for start in range(0, self.count, AT_ONCE)]
        noise = [None if self.z is None else self.z[part].to(device) for part in parts]
        given = [to_float(torch.from_numpy(self.pictures[part]).to(device)) for part in parts]
        return list(zip(given, noise, strict=True))


class Translating(Painter):
    """Translates held-out pictures where others draw from noise.

    Args:
        domains: the data.
        latent: length of the noise; 0 for none.
        seed: of the run.
    """

    def __init__(self, domains: Domains, latent: int, seed: int):
        self.domains = domains
        super().__init__(latent, [], seed)

    def latents(self, count: int, purpose: str) -> Inputs:  # pyright: ignore[reportIncompatibleMethodOverride]
        """So many pictures of A, or as many as there are: of the test split at the end, else of those held out to
        choose by, and to settle batch statistics of the training split.
        """
        split = {"final": "test", "settle": "train"}.get(purpose, "choose")
        rows = self.domains.a.splits[split]
        rows = rows if len(rows) else self.domains.a.splits["train"]
        order = torch.randperm(len(rows), generator=randomness.generator(self.seed, f"rows-{split}")).numpy()
        taken = np.sort(rows[order[:count]])
        z = randomness.normal((len(taken), self.latent), self.seed, purpose) if self.latent else None
        return Inputs(np.ascontiguousarray(self.domains.a.images[taken]), z, taken)

    def sheet(self, generator: nn.Module, latents: Given) -> np.ndarray:
        """Rows of: given, an answer or several, and the truth where it is known."""
        assert isinstance(latents, Inputs)
        some = slice(SHEET_ROWS)
        columns = [latents.pictures[some]]
        for number in range(SHEET_ANSWERS if self.latent else 1):
            z = None
            if self.latent:
                z = randomness.normal((len(columns[0]), self.latent), self.seed, "sheet", number)
            columns.append(draw(generator, Inputs(latents.pictures[some], z, latents.rows[some])))
        if self.domains.paired:
            columns.append(self.domains.b.images[latents.rows[some]])
        return grid(
            np.concatenate([np.stack([_in_colour(c)[i] for c in columns]) for i in range(len(columns[0]))]),
            len(columns),
        )


def _in_colour(pictures: np.ndarray) -> np.ndarray:
    """(n, H, W, 1, 3 or 4) -> (n, H, W, 3), alpha left out."""
    return np.repeat(pictures, 3, -1) if pictures.shape[-1] == 1 else pictures[..., :3]


@dataclass(frozen=True)
class TranslationJudge:
    """What translations are held to.

    Attributes:
        extractor: whose features these are.
        choose: the score on the way.
        reference: features of B's training pictures.
        floor: of B's test split.
    """

    extractor: Extractor
    choose: Any
    reference: np.ndarray
    floor: np.ndarray


@dataclass(frozen=True)
class ChoosingScore:
    """The score on the way, of translations of the choose split: by features, and by the truth where it is known."""

    features: LoopScore
    truths: np.ndarray | None

    def __call__(self, pictures: np.ndarray) -> dict[str, Any]:
        row = self.features(pictures)
        row.pop("shares", None)
        if self.truths is not None:
            apart = pictures.astype(np.float64) - self.truths[: len(pictures)]
            row["psnr"] = float(10 * np.log10(255**2 / max(np.square(apart).mean(), 1e-9)))
        return row


class Translation(Material):
    """Two domains, paired or not."""

    def __init__(self, domains: Domains):
        self.domains, self.name = domains, domains.name
        a, b = domains.a.source, domains.b.source
        self.sources = {"source": a} | ({} if a == b else {"source_b": b})
        self.fingerprint, self.report = domains.fingerprint, domains.report

    def facts(self, labels: bool, images: int, **known: Any) -> Facts:
        a, b = self.domains.a, self.domains.b
        height, width, channels = b.images.shape[1:]
        few = min(len(a.splits["train"]), len(b.splits["train"]))
        return Facts(
            train_images=few,
            resolution=(height, width),
            channels=channels,
            classes=0,
            images=images,
            given=a.images.shape[-1],
            **known,
        )

    def batches(self, chosen: dict[str, Any], facts: Facts, device: torch.device, seed: int) -> BatchSource:
        def of(side: Prepared, seed: int) -> Batches:
            rows, how = side.splits["train"], {"batch": chosen["batch"], "mirror": chosen["mirror"]}
            return Batches(side.images, None, rows, seed=seed, device=device, **how)

        # Equal seeds give equal rows in equal order: pairs stay pairs.
        a, b = of(self.domains.a, seed), of(self.domains.b, seed if self.domains.paired else derived_seed(seed, "b"))
        return BothSides(a, b)

    def painter(self, chosen: dict[str, Any], facts: Facts, seed: int) -> Translating:
        return Translating(self.domains, chosen["latent"], seed)

    def shown(self, chosen: dict[str, Any], facts: Facts, painter: Painter, device: torch.device, seed: int) -> Shown:
        a, b = self.domains.a, self.domains.b
        count = min(SHOWN_IMAGES, *(len(side.splits[name]) for side in (a, b) for name in ("train", "choose")))
        held = count >= FEWEST

        def rows(name: str) -> Tensor:
            both = [
                _some(side, name, count, seed if self.domains.paired else seed + index)
                for index, side in enumerate((a, b))
            ]
            return torch.cat(both, 1).to(device)

        if not held:
            count = min(SHOWN_IMAGES, facts.train_images)
        train, apart = rows("train"), rows("choose") if held else None
        given = (train if apart is None else apart)[:, : facts.given]
        z = randomness.normal((count, chosen["latent"]), seed, "probe").to(device) if chosen["latent"] else None
        return Shown(train, None, apart, None, given, z, looks=train[:, facts.given :])

    def judge(self, extractor: Extractor, seed: int, progress: Progress) -> TranslationJudge | None:
        a, b = self.domains.a, self.domains.b
        if min(len(side.splits[name]) for side in (a, b) for name in ("choose", "test")) < FEWEST:
            progress.message("Too few images to hold any out: going on without a score.")
            return None
        some = np.random.default_rng(seed).permutation(b.splits["train"])

        def features(rows: np.ndarray) -> np.ndarray:
            return cached_features(extractor, b.images, np.sort(rows), b.folder, b.fingerprint, progress)

        truths = None
        if self.domains.paired:
            truths = b.images[Translating(self.domains, 0, seed).latents(COMPARED, "score").rows]
        score = ChoosingScore(LoopScore(extractor, features(some[:COMPARED])), truths)
        return TranslationJudge(extractor, score, features(some[:MOST_REFERENCE]), features(b.splits["test"]))

    def final(
        self,
        generator: Path,
        judge: TranslationJudge,
        painter: Painter,
        device: torch.device,
        seed: int,
        progress: Progress,
    ) -> dict[str, Any]:
        translator = Translator.from_pretrained(generator, device)
        assert isinstance(painter, Translating)
        given = painter.latents(MOST_REFERENCE, "final")
        pictures = draw(translator.module("a-to-b"), given)
        truths = self.domains.b.images[given.rows] if self.domains.paired else None
        if truths is not None and hasattr(judge.extractor, "maps"):
            far = perceptual_distance(judge.extractor, pictures, truths)
            _write_cases(generator.parent / CASES, given.pictures, pictures, truths, far)
        return translation_score(
            judge.extractor,
            pictures,
            given.pictures,
            truths,
            judge.reference,
            judge.floor,
            seed=seed,
            progress=progress,
        )

    def keep(self, path: Path, generator: nn.Module, network: dict[str, Any], facts: Facts) -> None:
        save_translator(path, generator, network | {"before": self.domains.before})


def _write_cases(path: Path, given: np.ndarray, made: np.ndarray, truths: np.ndarray, far: np.ndarray) -> None:
    """Five each of the nearest to the truth, of the middle, and of the farthest, side by side."""
    order = np.argsort(far)
    middle = len(order) // 2
    few = min(CASES_OF_EACH, len(order))
    columns = [order[:few], order[middle - few // 2 :][:few], order[-few:]]
    sides = [_in_colour(side) for side in (given, made, truths)]
    shown = [side[rows[number]] for number in range(few) for rows in columns for side in sides]
    picture = to_pillow(grid(np.stack(shown), len(columns) * len(sides)))
    write_atomically(path, lambda temporary: picture.save(temporary, format="PNG"))


class BothSides:
    """Rows of A's channels, then B's: step -> (N, C + C', H, W) and no labels."""

    def __init__(self, a: Batches, b: Batches):
        self.a, self.b = a, b

    @property
    def waited_seconds(self) -> float:
        """For pictures that were not read yet."""
        return self.a.waited_seconds + self.b.waited_seconds

    def __call__(self, step: int) -> tuple[Tensor, Tensor | None]:
        """See the class."""
        return torch.cat([self.a(step)[0], self.b(step)[0]], 1), None


def _some(side: Prepared, split: str, count: int, seed: int) -> Tensor:
    """(count, C, H, W) of a split, the same rows for the same seed."""
    rows = side.splits[split]
    order = torch.randperm(len(rows), generator=randomness.generator(seed, f"shown-{split}")).numpy()
    return to_float(torch.from_numpy(np.ascontiguousarray(side.images[np.sort(rows[order[:count]])])))
