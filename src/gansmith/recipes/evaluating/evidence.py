"""From images and their roles to cases: what each metric of the card will read."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.data.prepare import Prepared
from gansmith.metrics import METRICS
from gansmith.metrics.card import Case, in_group, sees
from gansmith.metrics.evidence import Evidence, Features
from gansmith.metrics.labels import read_labels
from gansmith.networks.extractors import Extractor
from gansmith.networks.extractors._prepare import on_white
from gansmith.recipes.evaluating.roles import MOST_IMAGES, WHOLE, Roles, drawn
from gansmith.recipes.evaluating.seen import features_of_roles

MOST_PIXELS = 500_000_000  # of training images that are held at once
SHOWN = "class-shares"  # it counts what images show, so labels that were asked for do not serve


@dataclass(frozen=True, eq=False, kw_only=True)
class Scene:
    """Generated images beside the real ones that they are measured by.

    Attributes:
        images: (n, H, W, C) uint8, generated.
        labels: (n,) numbers of their own classes, or None.
        how: in words, how these came about.
        named: whether classes are looked at.
        usefulness: whether classifiers are trained.
        seed: of whatever is drawn.
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
        self.scene, self.extractor = scene, extractor
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
        ours = Evidence(generated=self.generated, real=self.real["real"], seed=self.scene.seed)
        floor = replace(ours, generated=self.real["floor"])
        context, beside = self.scene.context(self.extractor), self.scene.floor_context()
        return Case(metrics=in_group("features"), ours=ours, floor=floor, context=context, floor_context=beside)

    def copying(self) -> Iterator[Case]:
        """What looks for copies; where no held-out images are needed, in the whole of the data if that is asked for."""
        scene, roles, real = self.scene, self.scene.roles, self.real
        ours = Evidence(generated=self.generated, real=real["held_out"], training=real["training"], seed=scene.seed)
        floor = replace(ours, generated=real["fresh"])
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
                floor=floor,
                context=scene.context(self.extractor, **context),
                floor_context=scene.fresh_context(),
            )

    def classes(self) -> Iterator[Case]:
        """What is told class by class."""
        scene, roles = self.scene, self.scene.roles
        bare = Evidence(generated=self.generated, real=self.real["real"], seed=scene.seed)
        real_images, floor_images = scene.prepared.images[roles.real], scene.prepared.images[roles.floor]
        images, real_images = alike(scene.images, real_images)
        ours = replace(
            bare,
            generated_images=images,
            real_images=real_images,
            training_images=alike(floor_images, images)[0],
            real_labels=scene.labels_of(roles.real),
            training_labels=scene.labels_of(roles.floor),
            classes=tuple(scene.prepared.classes) or None,
        )
        floor = replace(
            bare,
            generated=self.real["floor"],
            generated_labels=ours.training_labels,
            real_labels=ours.real_labels,
            classes=ours.classes,
        )
        for name in in_group("classes"):
            if name == "usefulness" and not scene.usefulness:
                continue
            labels, how = self._labels(name)
            yield Case(
                metrics=[name],
                ours=replace(ours, generated_labels=labels),
                floor=floor if ours.real_labels is not None else None,
                context=scene.context(self.extractor if sees(METRICS.get(name)) else None, labels=how),
                floor_context=scene.floor_context(),
            )

    def _labels(self, name: str) -> tuple[np.ndarray | None, str | None]:
        """The generated images' classes, and how they are known."""
        if not self.scene.named or self.scene.prepared.labels is None:
            return None, None
        if self.scene.labels is not None and name != SHOWN:
            return self.scene.labels, self.scene.how
        return self._read, f"read off the images by {self.extractor.name}"

    @cached_property
    def _read(self) -> np.ndarray:
        """(n,) the classes that the generated images seem to show, by those of training images."""
        known = self.scene.roles.training
        some = drawn(np.arange(len(known)), MOST_IMAGES, self.scene.seed)
        labels = self.scene.labels_of(known[some])
        assert labels is not None
        return read_labels(self.generated, Features(self.real["training"].rows[some]), labels)


def images_cases(scene: Scene) -> Iterator[Case]:
    """What hangs on no extractor: images against real ones, and copies of training images by their pixels."""
    held, roles = scene.prepared.images, scene.roles
    ours, floor = _pair(scene, roles.real, roles.floor)
    context, beside = scene.context(None), scene.floor_context()
    yield Case(metrics=in_group("images"), ours=ours, floor=floor, context=context, floor_context=beside)
    training = drawn(roles.training, MOST_PIXELS // held[0].size, scene.seed)
    ours, floor = _pair(scene, roles.held_out, roles.fresh)
    known = alike(held[training], scene.images)[0]
    yield Case(
        metrics=[name for name in in_group("copying") if not sees(METRICS.get(name))],
        ours=replace(ours, training_images=known),
        floor=replace(floor, training_images=known),
        context=scene.context(None, split="train", n_real=len(roles.held_out), n_training=len(training)),
        floor_context=scene.fresh_context(),
    )


def _pair(scene: Scene, real: np.ndarray, floor: np.ndarray) -> tuple[Evidence, Evidence]:
    """Generated images beside real ones, and other real ones in their place."""
    held = scene.prepared.images
    images, theirs = alike(scene.images, held[real])
    ours = Evidence(generated_images=images, real_images=theirs, seed=scene.seed)
    return ours, replace(ours, generated_images=alike(held[floor], images)[0])


def alike(images: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both with as many channels: alpha is composited on white, and grey copied, where only one set has it.

    Check: equal sets stay as they are; grey beside RGB becomes RGB.
    """
    if images.shape[3] == others.shape[3]:
        return images, others
    images, others = (on_white(some) if some.shape[3] == 4 else some for some in (images, others))
    widest = max(images.shape[3], others.shape[3])
    images, others = (some if some.shape[3] == widest else np.repeat(some, widest, 3) for some in (images, others))
    return images, others
