"""From images and their roles to cases: what each metric of the card will read."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.data.prepare import Prepared
from gansmith.metrics import METRICS
from gansmith.metrics.card import Case, in_group, sees
from gansmith.metrics.evidence import Evidence, Features
from gansmith.metrics.labels import read_labels
from gansmith.networks.extractors import Extractor
from gansmith.recipes.evaluating.lazy import Rows, common, with_channels
from gansmith.recipes.evaluating.roles import DRAW, MOST_IMAGES, WHOLE, Roles, drawn
from gansmith.recipes.evaluating.seen import features_of_roles

SHOWN = "class-shares"  # it counts what images show, so labels that were asked for do not serve
TAUGHT = "usefulness"


@dataclass(frozen=True, eq=False, kw_only=True)
class Scene:
    """Generated images beside the real ones that they are measured by.

    Attributes:
        images: (n, H, W, C) uint8, generated.
        labels: (n,) numbers of their own classes, or None.
        how: in words, how these came about.
        named: whether classes are looked at.
        usefulness: whether classifiers are trained.
        seed: of the generated images.
    """

    images: np.ndarray
    labels: np.ndarray | None
    how: str
    prepared: Prepared
    roles: Roles
    named: bool
    usefulness: bool
    seed: int

    def labels_of(self, rows: np.ndarray) -> np.ndarray | None:
        """(n,) of real images."""
        held = self.prepared.labels
        return held[rows] if held is not None and self.named else None

    def real_images(self, rows: np.ndarray) -> Any:
        """Real images that are read when they are needed, with the channels that they share with the generated ones."""
        held = self.prepared.images
        return Rows(held, rows, common(self.images.shape[3], held.shape[3]))

    def pair(self, real: np.ndarray, floor: np.ndarray) -> tuple[Evidence, Evidence]:
        """Generated images beside real ones, and other real ones in their place."""
        theirs, instead = self.real_images(real), self.real_images(floor)
        ours = Evidence(generated_images=with_channels(self.images, theirs.channels), real_images=theirs, seed=DRAW)
        return ours, replace(ours, generated_images=instead)

    def context(self, extractor: Extractor | None, **other: Any) -> dict[str, Any]:
        """What a line says of itself."""
        by = {key: getattr(extractor, key, None) for key in ("checksum", "resize")}
        return {
            "extractor": extractor.name if extractor else None,
            **by,
            "n": len(self.images),
            "n_real": len(self.roles.real),
            "split": self.roles.split,
            "seed": self.seed,
            **other,
        }

    def floor_context(self) -> dict[str, Any]:
        """What the line of its floor says."""
        return {"n": len(self.roles.floor), "source": self.roles.floor_source}

    def fresh_context(self) -> dict[str, Any]:
        """What the line of a floor for copying says."""
        return {"n": len(self.roles.fresh), "source": "choose split"}


class Sight:
    """A scene through one extractor: its features, and the cases that hang on them.

    Raises: InputError: where features are not finite, or real images all alike.
    """

    def __init__(self, scene: Scene, extractor: Extractor, progress: Progress):
        self.scene, self.extractor, self.progress = scene, extractor, progress
        progress.start(f"Features of {len(scene.images):,} generated images ({extractor.name})", len(scene.images))
        try:
            self.generated = Features(extractor.features(scene.images, progress))
        finally:
            progress.finish()
        self.real = features_of_roles(extractor, scene.prepared, scene.roles, progress)
        if why := self.generated.fault("generated") or self.real["real"].fault("real"):
            raise InputError(why)

    def distances(self) -> Case:
        """What compares features."""
        ours = Evidence(generated=self.generated, real=self.real["real"], seed=DRAW)
        floor = replace(ours, generated=self.real["floor"])
        context, beside = self.scene.context(self.extractor), self.scene.floor_context()
        return Case(metrics=in_group("features"), ours=ours, floor=floor, context=context, floor_context=beside)

    def copying(self) -> Iterator[Case]:
        """What looks for copies; where no held-out images are needed, in the whole of the data if that is asked for."""
        scene, roles, real = self.scene, self.scene.roles, self.real
        ours = Evidence(generated=self.generated, real=real["held_out"], training=real["training"], seed=DRAW)
        for name in (name for name in in_group("copying") if sees(METRICS.get(name))):
            mine, context = ours, {"split": "train", "n_real": len(roles.held_out), "n_training": len(roles.training)}
            if "real" not in METRICS.get(name).reads:
                context |= {"n_real": None}
                if roles.copied is not None:
                    mine = replace(ours, training=real["copied"])
                    context |= {"split": WHOLE, "n_training": len(roles.copied)}
            yield Case(
                metrics=[name],
                ours=mine,
                floor=replace(mine, generated=real["fresh"]),
                context=scene.context(self.extractor, **context),
                floor_context=scene.fresh_context(),
            )

    def classes(self) -> Iterator[Case]:
        """What is told class by class."""
        scene, roles = self.scene, self.scene.roles
        ours, floor = scene.pair(roles.real, roles.floor)
        ours = replace(
            ours,
            generated=self.generated,
            real=self.real["real"],
            training_images=floor.generated_images,
            training_labels=scene.labels_of(roles.floor),
            classes=tuple(scene.prepared.classes) or None,
        )
        for name in in_group("classes"):
            if name == TAUGHT and not scene.usefulness:
                continue
            known = self._labels(name)
            mine = replace(ours, generated_labels=known.generated, real_labels=known.real)
            floor = replace(mine, generated=self.real["floor"], generated_images=None, generated_labels=known.floor)
            yield Case(
                metrics=[name],
                ours=mine,
                floor=floor if known.floor is not None else None,
                context=scene.context(self.extractor if sees(METRICS.get(name)) else None, labels=known.how),
                floor_context=scene.floor_context(),
            )

    def shares(self) -> dict[str, tuple[float, float]]:
        """Of each class among the real images: its share, and the one that is read off them; {} without labels."""
        scene = self.scene
        labels = scene.labels_of(scene.roles.real)
        if labels is None or not self._readable:
            return {}
        classes = scene.prepared.classes
        true, read = (np.bincount(of, minlength=len(classes)) / len(of) for of in (labels, self._read["real"]))
        return dict(zip(classes, zip(true.tolist(), read.tolist(), strict=True), strict=True))

    def _labels(self, name: str) -> "_Labels":
        """Of generated, real and floor images. Where the first are read off, so are the others, with the same errors.

        A classifier is taught and tested by true labels of real images, whatever those of the generated ones are.
        """
        scene = self.scene
        if not scene.named or scene.prepared.labels is None:
            return _Labels()
        real, floor = (scene.labels_of(rows) for rows in (scene.roles.real, scene.roles.floor))
        if scene.labels is not None and name != SHOWN:
            return _Labels(scene.labels, real, floor, scene.how)
        if not self._readable:
            return _Labels()
        read, how = self._read, f"read off the images by {self.extractor.name}"
        if name == TAUGHT:
            return _Labels(read["generated"], real, floor, how)
        return _Labels(read["generated"], read["real"], read["floor"], how)

    @property
    def _readable(self) -> bool:
        """Whether there are training images to read classes by."""
        return len(self.scene.roles.training) > 1

    @cached_property
    def _read(self) -> dict[str, np.ndarray]:
        """(n,) the classes that generated, real and floor images seem to show, by those of training images.

        A real image that is among these is not asked about itself.
        """
        training = self.scene.roles.training
        some = drawn(np.arange(len(training)), MOST_IMAGES)
        known, labels = Features(self.real["training"].rows[some]), self.scene.labels_of(training[some])
        assert labels is not None
        asked: dict[str, tuple[Features, torch.Tensor | None]] = {"generated": (self.generated, None)}
        for name in ("real", "floor"):
            asked[name] = self.real[name], places(getattr(self.scene.roles, name), training[some])
        found = {}
        self.progress.start("Reading classes off the images", len(asked))
        try:
            for name, (features, own) in asked.items():
                found[name] = read_labels(features, known, labels, but=own)
                self.progress.advance(len(found))
        finally:
            self.progress.finish()
        return found


@dataclass(frozen=True)
class _Labels:
    """(n,) of each set, or None; and in words how those of the generated images are known."""

    generated: np.ndarray | None = None
    real: np.ndarray | None = None
    floor: np.ndarray | None = None
    how: str | None = None


def places(rows: np.ndarray, among: np.ndarray) -> torch.Tensor:
    """(n,) where each row is among others, sorted; -1 where it is not."""
    at = np.searchsorted(among, rows).clip(max=len(among) - 1)
    return torch.from_numpy(np.where(among[at] == rows, at, -1))


def images_cases(scene: Scene) -> Iterator[Case]:
    """What hangs on no extractor: images against real ones, and copies of training images by their pixels."""
    roles = scene.roles
    ours, floor = scene.pair(roles.real, roles.floor)
    context, beside = scene.context(None), scene.floor_context()
    yield Case(metrics=in_group("images"), ours=ours, floor=floor, context=context, floor_context=beside)
    ours, floor = scene.pair(roles.held_out, roles.fresh)
    known = scene.real_images(roles.training)
    yield Case(
        metrics=[name for name in in_group("copying") if not sees(METRICS.get(name))],
        ours=replace(ours, training_images=known),
        floor=replace(floor, training_images=known),
        context=scene.context(None, split="train", n_real=len(roles.held_out), n_training=len(roles.training)),
        floor_context=scene.fresh_context(),
    )
