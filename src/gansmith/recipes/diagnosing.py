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
from gansmith.metrics.evidence import Evidence
from gansmith.metrics.features import cached_features
from gansmith.metrics.measures.copies import copies
from gansmith.metrics.score import FEWEST_REAL, LoopScore
from gansmith.networks.extractors import DEFAULT, EXTRACTORS, Extractor
from gansmith.recipes.choices import Facts, from_json, values
from gansmith.recipes.evaluating.lazy import Rows
from gansmith.recipes.evaluating.sources import Source, some_rows, source

READ_AT_MOST = 2000
KNOWN_AT_MOST = 10_000  # whose features are read
PIXELS_AT_MOST = 100_000  # among whose pixels copies are sought
LOOKED = 500
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
    return Record(chosen, known | {"resolution": list(facts.resolution), "given": facts.given}, facts.images)


def visit(
    path: Path,
    against: str | None = None,
    split: str | None = None,
    extractor: str = DEFAULT,
    progress: Progress | None = None,
) -> Visit:
    """Examine a run folder by what it wrote; or a folder or npz of pictures against real ones.

    Args:
        path: a run folder, which may still be written to; a folder of pictures of one size, or an npz.
        against: the real data, for pictures.
        split: compared with this split alone; None: with the whole of the data.
        extractor: whose features pictures are compared by.
    Raises: InputError: nothing there, too few pictures, pictures of another shape, or a run without a row.
    """
    progress, path = progress or Progress(), Path(path)
    if (path / "config.json").is_file():
        if against is not None:
            raise InputError(f"{path} is a run, which knows its data; leave --against out")
        record = read_run(RunFolder(path))
        return Visit(path, "run", examine(record), record.images)
    what = source(path, progress)
    prepared = what.open_data(against, progress)
    record, count = read_pictures(what, prepared, split, EXTRACTORS.get(extractor)(progress=progress), progress)
    return Visit(path, what.kind, examine(record), count)


def read_run(folder: RunFolder) -> Record:
    """What a run folder holds, whole or still growing; of a guarded one, what came after the guard's last act.

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
    facts = {
        "train_images": int(data.get("train", 0)),
        "classes": len(data.get("classes") or []) if chosen.get("labels") else 0,
    }
    facts |= {"channels": data.get("channels"), "resolution": data.get("resolution")}
    facts["given"] = (data.get("given") or {}).get("channels", 0)
    changed = [int(row["images"]) for row in rows.get("event", ()) if row.get("changed")]
    return Record(chosen, facts, int(chosen["images"]), rows).after(max(changed, default=-1))


def read_pictures(
    what: Source, prepared: Prepared, split: str | None, extractor: Extractor, progress: Progress
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

    def features(some: np.ndarray) -> np.ndarray:
        some = np.sort(some)
        return cached_features(extractor, prepared.images, some, prepared.folder, prepared.fingerprint, progress)

    most = min(READ_AT_MOST, max(FEWEST_REAL, len(order) // 2))
    compared, known = np.sort(order[:most]), np.sort(order[:KNOWN_AT_MOST])
    kinds = None if prepared.labels is None else prepared.labels[compared]
    own = np.searchsorted(known, compared)
    score = LoopScore(extractor, features(compared), features(known), kinds, own)(drawn)
    some, looked, channels = some_rows(len(drawn), LOOKED, 0), np.sort(order[: min(most, LOOKED)]), drawn.shape[-1]
    evidence = Evidence(
        generated_images=drawn[some],
        real_images=Rows(prepared.images, looked, channels),
        training_images=Rows(prepared.images, np.sort(order[most:][:PIXELS_AT_MOST]), channels),
    )
    if copies.refuses is not None and copies.refuses(evidence) is None:
        progress.message("Looking for copies among the real pictures.")
        score["copied_share"] = copies.compute(evidence)["copies"].value
    real, ours = (look_of(to_float(torch.from_numpy(x))) for x in (prepared.images[looked], drawn[some]))
    facts = {"train_images": len(rows), "classes": len(prepared.classes), "channels": drawn.shape[-1]}
    facts |= {"resolution": list(drawn.shape[1:3])}
    return Record({}, facts, 0, {"real": [real], "probe": [{"drawn": ours}], "score": [score]}), len(drawn)
