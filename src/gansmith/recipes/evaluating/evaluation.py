"""Evaluate: a run, a folder or an npz and the real data in, the card out."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from gansmith import __version__
from gansmith.core.errors import InputError, Interrupted
from gansmith.core.progress import Progress
from gansmith.data.prepare import Prepared
from gansmith.engine.memory import keep_freed_memory
from gansmith.metrics.card import Line, card, leading, measure, noticed
from gansmith.metrics.card_words import notes, summary
from gansmith.metrics.measures.class_shares import lost
from gansmith.networks.extractors import DEFAULT, EXTRACTORS, Extractor, available
from gansmith.recipes.evaluating.evidence import Scene, Sight, images_cases
from gansmith.recipes.evaluating.roles import MOST_IMAGES, WHOLE, Roles, roles
from gansmith.recipes.evaluating.sources import Drawn, Run, Source, some_rows, source
from gansmith.report.people import people

OTHER_FAMILY = "hed"
SEEN_BY_CRITIC = {"projected": "efficientnet"}  # network -> the family of the frozen features its critic looks through
MOST_ASKED = 50_000
SHOWN = 48
LABELS = ("auto", "read", "none")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is evaluated, and how.

    Attributes:
        source: a run folder, a folder of images, or an npz.
        against: the real data; None: a run's own.
        extractors: names; none: the default one, and one of another family for a run whose critic saw the first's.
        n: generated images; None: as many as there are and the floor allows, at most 10,000.
        seed: of the generated images; None: the run's own, with which it draws the images of its final score.
        split: train, choose, test, or all; None: a run's test split, and the whole of the data for others.
        labels: ``auto``: those that the images bring, else read off them; ``read``: read off; ``none``.
        usefulness: whether classifiers are trained where there are labels.
    """

    source: str | Path
    against: str | None = None
    extractors: Sequence[str] = ()
    n: int | None = None
    seed: int | None = None
    split: str | None = None
    labels: str = "auto"
    usefulness: bool = True


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """A finished card and a few of the images that it is about.

    Attributes:
        card: JSON-able; docs/evaluate.md lists its keys.
        source: what was evaluated.
        generated, real: (at most 48, H, W, C) uint8, none picked out.
    """

    card: dict[str, Any]
    source: Source
    generated: np.ndarray
    real: np.ndarray


def evaluate(asked: Asked, progress: Progress | None = None) -> Evaluated:
    """Every metric that the images allow, each beside what as many real images get.

    Raises:
        InputError: nothing to evaluate or to measure it with.
        Interrupted: after Ctrl-C; no card is written.
    Check: the same request gives the same scores; a run's are those of its final score where they are the same.
    """
    progress = progress or Progress()
    if asked.n is not None and not 1 <= asked.n <= MOST_ASKED:
        raise InputError(f"-n must be 1 to {MOST_ASKED:,}, not {asked.n:,}")
    if asked.labels not in LABELS:
        raise InputError(f"--labels is one of {', '.join(LABELS)}, not {asked.labels!r}")
    keep_freed_memory()
    try:
        return _Evaluation(asked, progress).run()
    except KeyboardInterrupt as error:
        kept = "features that were finished are kept, so the next try is shorter"
        raise Interrupted(f"no card was written; {kept}") from error


class _Evaluation:
    """One way through: data, roles, images, measures, words."""

    def __init__(self, asked: Asked, progress: Progress):
        self.asked, self.progress, self.began = asked, progress, time.monotonic()
        self.what = what = source(Path(asked.source), progress)
        self.prepared = what.open_data(asked.against, progress)
        self.own = isinstance(what, Run) and what.config.get("fingerprint") == self.prepared.fingerprint
        same = isinstance(what, Run) and (self.own or _same_place(asked.against, what.data))
        self.told = (
            []
            if self.own or not isinstance(what, Run)
            else [_CHANGED if same else _OTHER.format(what.data or "unnamed")]
        )
        self.seed = what.seed if asked.seed is None else asked.seed
        self.split = asked.split or ("test" if same else WHOLE)
        if same and self.split in ("train", WHOLE):
            raise InputError(f"{what.path} was trained on the {self.split} images; --split test or choose are held out")

    def run(self) -> Evaluated:
        extractors, lead = self._extractors()
        parts = roles(self.prepared, self.split, _least(self.asked.n, self.what.count))
        drawn = self._drawn(parts)
        if len(parts.floor) > len(drawn.images):
            parts = roles(self.prepared, self.split, len(drawn.images))
        own = self._numbers(drawn.labels) if self.asked.labels == "auto" else None
        scene = Scene(
            images=drawn.images,
            labels=own,
            how=self.what.brings_labels or "",
            prepared=self.prepared,
            roles=parts,
            named=self.asked.labels != "none",
            usefulness=self.asked.usefulness,
            seed=self.seed,
        )
        lines, lacking, shares = self._measured(scene, extractors, lead)
        made = self._card(lines, lacking, scene, extractors, lead, shares)
        made["seconds"] = round(time.monotonic() - self.began, 1)
        shown = [some_rows(len(rows), SHOWN, self.seed) for rows in (drawn.images, parts.real)]
        real = np.asarray(self.prepared.images[parts.real[shown[1]]])
        return Evaluated(card=made, source=self.what, generated=drawn.images[shown[0]], real=real)

    def _extractors(self) -> tuple[list[Extractor], Extractor]:
        """Those to measure with, and the one that leads: the first whose family the critic has not seen."""
        names = list(dict.fromkeys(self.asked.extractors))
        made = [EXTRACTORS.get(name)(progress=self.progress) for name in names or [DEFAULT]]
        found = list({one.name: one for one in made}.values())
        if not names and self._seen(found[0]):
            other = available(OTHER_FAMILY, self.progress)
            found += [other] if other else []
            self.told += [] if other else [_UNCHECKED.format(OTHER_FAMILY)]
        return found, next((one for one in found if not self._seen(one)), found[0])

    def _seen(self, extractor: Extractor) -> bool:
        network = self.what.network if isinstance(self.what, Run) else ""
        return getattr(extractor, "family", None) == SEEN_BY_CRITIC.get(network, "")

    def _drawn(self, parts: Roles) -> Drawn:
        wanted = _least(self.asked.n or min(MOST_IMAGES, len(parts.floor) or 1), self.what.count)
        assert wanted is not None
        if self.asked.n and wanted < self.asked.n:
            self.told.append(f"{self.asked.n:,} images were asked for with -n, and there are {wanted:,}.")
        self.progress.start(f"{wanted:,} images of {self.what.name}", wanted)
        try:
            return self.what.take(wanted, self.seed, self.progress)
        finally:
            self.progress.finish()

    def _numbers(self, labels: np.ndarray | None) -> np.ndarray | None:
        """Labels as positions in the data's classes; None, which is told, where they are no such classes."""
        classes = self.prepared.classes
        if labels is None or not classes:
            return None
        if labels.dtype.kind in "iu":
            strange = [str(label) for label in np.unique(labels) if not 0 <= label < len(classes)]
            found = labels.astype(np.int64)
        else:
            place = {name: number for number, name in enumerate(classes)}
            strange = sorted({str(name) for name in labels} - set(place))
            found = np.array([place.get(str(name), -1) for name in labels], np.int64)
        if strange:
            self.told.append(_UNKNOWN.format(", ".join(strange[:3])))
        return None if strange else found

    def _measured(
        self, scene: Scene, extractors: Sequence[Extractor], lead: Extractor
    ) -> tuple[list[Line], dict[str, str], dict[str, tuple[float, float]]]:
        """The lines, what is lacking, and each class's share among real images, true and as it is read off them."""
        lines: list[Line] = []
        lacking: dict[str, str] = {}
        shares: dict[str, tuple[float, float]] = {}
        for extractor in sorted(extractors, key=lambda one: one is not lead):
            sight = Sight(scene, extractor, self.progress)
            cases = [sight.distances(), *sight.copying()]
            if extractor is lead:
                cases += [*images_cases(scene), *sight.classes()]
                shares = sight.shares()
            found, missing = measure(cases, f"Measuring by {extractor.name}", self.progress)
            lines += found
            lacking |= missing
        if not lines:
            raise InputError(f"nothing can be measured: {next(iter(lacking.values()))}")
        return lines, lacking, shares

    def _card(
        self,
        lines: Sequence[Line],
        lacking: dict[str, str],
        scene: Scene,
        extractors: Sequence[Extractor],
        lead: Extractor,
        shares: dict[str, tuple[float, float]],
    ) -> dict[str, Any]:
        n, n_real = len(scene.images), len(scene.roles.real)
        made = card(
            lines,
            lacking,
            noticed(lines),
            gansmith=__version__,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            source={
                "name": self.what.name,
                "kind": self.what.kind,
                "path": str(self.what.path),
                "checksum": self.what.checksum,
            },
            against={
                **_described(self.prepared, scene.roles),
                "own": self.own,
                "class_shares": {name: read for name, (_, read) in shares.items()},
                "unreadable": [name for name, (true, read) in shares.items() if lost(read, true)],
            },
            n=n,
            n_real=n_real,
            seed=self.seed,
            split=self.split,
            labels=self.asked.labels,
            extractors={one.name: self._about(one) for one in extractors},
            lead_extractor=lead.name,
            leads=leading([line.name for line in lines], n, n_real, lead.name),
            people=people(self.what.path) if isinstance(self.what, Run) else None,
        )
        made["notes"] = [*notes(made), *self.told]
        made["summary"] = summary(made)
        return made

    def _about(self, extractor: Extractor) -> dict[str, Any]:
        family = getattr(extractor, "family", extractor.name)
        found = {"checksum": extractor.checksum, "resize": extractor.resize, "family": family}
        return found | {"dimensions": extractor.dimensions, "seen": self._seen(extractor)}


_UNKNOWN = "The images' own labels ({}) are not classes of the data, so labels were read off the images instead."
_CHANGED = (
    "The data have changed since this run was trained on them, so images that it has seen may be among those that it "
    "is measured against."
)
_OTHER = (
    "This run was trained on other data ({}); where images are in both, it has seen what it is measured against, and "
    "copies are looked for among these data only."
)
_UNCHECKED = "{} is not installed, so no network that the critic has not seen checks these scores."


def _same_place(against: str | None, data: str | None) -> bool:
    """Whether what is asked for is what a run names as its data."""
    return against is None or (data is not None and Path(against).resolve() == Path(data).resolve())


def _least(n: int | None, count: int | None) -> int | None:
    return min((some for some in (n, count) if some is not None), default=None)


def _described(prepared: Prepared, parts: Roles) -> dict[str, Any]:
    height, width, channels = prepared.images.shape[1:]
    return {
        "name": prepared.name,
        "source": prepared.source,
        "fingerprint": prepared.fingerprint,
        "images": len(prepared.images),
        "resolution": [width, height],
        "channels": channels,
        "scores": {"split": parts.split, "n": len(parts.real)},
        "floor": {"n": len(parts.floor)},
        "copying": {"split": parts.split, "n": len(parts.copied)}
        if parts.copied is not None
        else {"split": "train", "n": len(parts.training)},
    }
