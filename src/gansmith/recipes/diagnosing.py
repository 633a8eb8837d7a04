"""The doctor's visit: a run folder, or pictures of any generator beside real ones, in; the diagnosis out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gansmith.core.errors import InputError
from gansmith.core.images import to_float
from gansmith.core.progress import Progress
from gansmith.core.runfolder import RunFolder
from gansmith.data.prepare import Prepared
from gansmith.diagnostics.examine import Diagnosis, examine
from gansmith.diagnostics.pictures import look_of
from gansmith.diagnostics.record import Record
from gansmith.metrics.features import cached_features
from gansmith.metrics.score import FEWEST_REAL, LoopScore
from gansmith.networks.extractors import DEFAULT, EXTRACTORS
from gansmith.recipes.choices import Facts, from_json, values
from gansmith.recipes.evaluating.sources import Source, source

READ_AT_MOST = 2000
FEWEST_SAMPLES = 50


@dataclass(frozen=True)
class Visit:
    """A diagnosis and what it is of."""

    path: Path
    kind: str
    diagnosis: Diagnosis
    images: int


def record_of(chosen: Mapping[str, Any], facts: Facts) -> Record:
    """A run before its first row."""
    known = {"train_images": facts.train_images, "classes": facts.classes, "channels": facts.channels}
    return Record(chosen, known | {"resolution": list(facts.resolution)}, facts.images)


def visit(path: Path, against: str | None = None, split: str | None = None, progress: Progress | None = None) -> Visit:
    """Examine a run folder by what it wrote; or a folder or npz of pictures against real ones.

    Args:
        path: a run folder, which may still be written to; a folder of pictures of one size, or an npz.
        against: the real data, for pictures.
        split: copies are sought in this split alone; None: in the whole of the data.
    Raises: InputError: nothing there, too few pictures, pictures of another shape, or a run without a row.
    """
    progress = progress or Progress()
    if (path / "config.json").is_file():
        if against is not None:
            raise InputError(f"{path} is a run, which knows its data; leave --against out")
        record = read_run(RunFolder(path))
        return Visit(path, "run", examine(record), record.images)
    what = source(path, progress)
    prepared = what.open_data(against, progress)
    record, count = read_pictures(what, prepared, split, progress)
    return Visit(path, what.kind, examine(record), count)


def read_run(folder: RunFolder) -> Record:
    """What a run folder holds, whole or still growing.

    Raises: InputError: no run, or one that has not written anything yet.
    """
    config = folder.read_config()
    chosen = values(from_json(config["choices"]))
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in folder.rows():
        rows.setdefault(str(row.pop("kind", "")), []).append(row)
    if not rows:
        raise InputError(f"{folder.metrics} holds no row yet; ask again when training has run for a while")
    data = config.get("data") or {}
    held = sum((data.get("held_out") or {}).values())
    facts = {"train_images": int(data.get("images", 0)) - held, "classes": len(data.get("classes") or [])}
    return Record(chosen, facts, int(chosen["images"]), rows)


def read_pictures(
    what: Source, prepared: Prepared, split: str | None, progress: Progress
) -> tuple[Record, int]:
    """Pictures of a generator beside real ones, as a run would have written them at its end.

    Raises: InputError: too few pictures, or pictures with other channels than the data's.
    """
    drawn = what.take(READ_AT_MOST, what.seed, progress).images
    if len(drawn) < FEWEST_SAMPLES:
        raise InputError(f"{what.path} holds {len(drawn)} pictures; a diagnosis needs {FEWEST_SAMPLES}, better 1,000")
    if drawn.shape[1:] != prepared.images.shape[1:]:
        ours, theirs = ("x".join(map(str, shape[1:])) for shape in (drawn.shape, prepared.images.shape))
        raise InputError(f"the pictures of {what.path} are {ours} and the real ones {theirs}; bring them to one shape")
    rows = np.arange(len(prepared.images)) if split is None else prepared.splits[split]
    if len(rows) < FEWEST_REAL:
        raise InputError(f"{len(rows)} real pictures are too few to compare with")
    order = np.random.default_rng(0).permutation(rows)
    extractor = EXTRACTORS.get(DEFAULT)(progress=progress)

    def features(some: np.ndarray) -> np.ndarray:
        some = np.sort(some)
        return cached_features(extractor, prepared.images, some, prepared.folder, prepared.fingerprint, progress)

    compared = np.sort(order[: min(READ_AT_MOST, max(FEWEST_REAL, len(rows) // 2))])
    others = order[len(compared) :] if len(order) > 2 * FEWEST_REAL else compared
    kinds = None if prepared.labels is None else prepared.labels[compared]
    score = LoopScore(extractor, features(compared), features(others), kinds)(drawn)
    real = look_of(to_float(torch.from_numpy(np.ascontiguousarray(prepared.images[compared]))))
    probe = {"drawn": look_of(to_float(torch.from_numpy(np.ascontiguousarray(drawn))))}
    facts = {"train_images": len(rows), "classes": len(prepared.classes), "channels": drawn.shape[-1]}
    return Record({}, facts, 0, {"real": [real], "probe": [probe], "score": [score]}), len(drawn)
