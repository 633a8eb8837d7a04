"""Two domains between which is translated: A, the pictures that are given, and B, those that are asked for."""

import os
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.data.collection import Collection
from gansmith.data.degraded import Coarse, Holed
from gansmith.data.index import open_collection
from gansmith.data.making import enough
from gansmith.data.pairs import halved, matched
from gansmith.data.plan import Settings, make_plan, parse_settings
from gansmith.data.prepare import Prepared, prepare, prepared_set
from gansmith.data.seen import joined_hash

COARSER = 4


@dataclass(frozen=True)
class Domains:
    """Both prepared, at one resolution.

    Attributes:
        a, b: the two; of pairs, equal rows of both belong together and lie in the same splits.
        paired: whether they do.
        before: what is done to a picture before it is given, such as "enlarge-4" or "holes".
    """

    a: Prepared
    b: Prepared
    paired: bool
    before: str = ""

    @property
    def name(self) -> str:
        """Short, for the run folder."""
        return self.a.name if self.paired else f"{self.a.name}-to-{self.b.name}"

    @property
    def fingerprint(self) -> str:
        """Changes when the content, the settings or the splits of either do."""
        return joined_hash([self.a.fingerprint, self.b.fingerprint])

    @property
    def report(self) -> dict[str, Any]:
        """What was found and done: B's, beside A's."""
        return self.b.report | {"given": self.a.report, "paired": self.paired}


def prepare_domains(
    a: str,
    b: str | None,
    *,
    paired: bool,
    strict: bool = False,
    resolution: str | None = None,
    alpha: str = "composite",
    background: str = "white",
    progress: Progress | None = None,
) -> Domains:
    """Prepare both, at once when they were prepared before.

    Args:
        a: what is given: a folder, a zip or whatever ``prepare`` takes; of pairs, one with file names.
        b: what is asked for; None: each file of ``a`` holds a pair side by side.
        paired: whether equal names belong together.
        strict: refuse pictures without a partner instead of setting them aside.
        resolution, alpha, background: as in ``prepare``; B's sizes decide where none is asked for.
    Raises: InputError, WorkError: as ``prepare``; InputError: pairs that do not match.
    """
    listener = progress or Progress()
    if paired:
        return _pairs(a, b, strict, parse_settings(resolution, alpha, background), listener)
    if b is None:
        raise InputError("unpaired translation needs two folders: gansmith train A B --recipe unpaired")
    asked = prepare(b, resolution=resolution, alpha=alpha, background=background, progress=listener)
    height, width = asked.images.shape[1:3]
    given = prepare(a, resolution=f"{width}x{height}", alpha=alpha, background=background, progress=listener)
    most = max(given.images.shape[-1], asked.images.shape[-1])
    return Domains(_in_channels(given, most), _in_channels(asked, most), paired=False)


def _in_channels(prepared: Prepared, channels: int) -> Prepared:
    """Grey as colour where the other side has colour: an answer must be readable as what was given."""
    images = prepared.images
    if images.shape[-1] == channels:
        return prepared
    return replace(prepared, images=np.broadcast_to(images, (*images.shape[:-1], channels)))


def damaged(prepared: Prepared, how: str) -> Domains:
    """Pictures, and the same made worse: A is "coarse" (a quarter of the size, enlarged again) or "holed".

    Raises: InputError: a resolution that is no multiple of 4.
    """
    height, width = prepared.images.shape[1:3]
    if how == "coarse" and (height % COARSER or width % COARSER):
        raise InputError(f"{width}x{height} does not part by {COARSER}; give a --resolution that does")
    images: Any = Coarse(prepared.images, COARSER) if how == "coarse" else Holed(prepared.images)
    fingerprint = joined_hash([prepared.fingerprint, how, str(COARSER)])
    before = f"enlarge-{COARSER}" if how == "coarse" else "holes"
    return Domains(replace(prepared, images=images, fingerprint=fingerprint), prepared, True, before)


def _pairs(a: str, b: str | None, strict: bool, settings: Settings, progress: Progress) -> Domains:
    a, b = os.fspath(a), None if b is None else os.fspath(b)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Pillow mutters about single files is in the report
        collection: Collection
        if b is None:
            collection = halved(open_collection(a, progress))
            plan = make_plan(settings, collection.sizes, collection.modes, collection.facts.get("bits", 16))
            given = asked = plan
        else:
            sides = open_collection(a, progress), open_collection(b, progress)
            for side, source in zip(sides, (a, b), strict=True):
                enough(len(side), len(side.set_aside), source)
            collection = matched(*sides, strict=strict)
            assert collection.a is not None and collection.b is not None
            asked = make_plan(settings, collection.sizes, collection.modes, collection.b.facts.get("bits", 16))
            given = make_plan(settings, collection.a.sizes, collection.a.modes, collection.a.facts.get("bits", 16))
            given = replace(given, width=asked.width, height=asked.height)
            collection.plans = given, asked
        enough(len(collection), len(collection.set_aside), collection.name)
        collection.alike_by = slice(given.channels)
        both = replace(asked, channels=given.channels + asked.channels)
        prepared = prepared_set(collection, both, a if b is None else f"{a} and {b}", progress)
    return Domains(
        _side(prepared, "a", slice(given.channels), a), _side(prepared, "b", slice(given.channels, None), b or a), True
    )


def _side(prepared: Prepared, name: str, channels: slice, source: str) -> Prepared:
    """One side of prepared pairs, as a set of its own."""
    images = prepared.images[..., channels]
    return replace(
        prepared,
        source=source,
        images=images,
        fingerprint=joined_hash([prepared.fingerprint, name]),
        folder=prepared.folder,
        report=prepared.report | {"channels": images.shape[-1], "source": source},
    )
