"""From what is to be judged to a study's folder: pictures drawn, made alike, named opaquely, and written once."""

import datetime
import os
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from gansmith import __version__
from gansmith.core.errors import InputError, WorkError
from gansmith.core.files import remove_tree, write_json
from gansmith.core.progress import Progress
from gansmith.core.seeds import derived_seed, shuffled
from gansmith.data.plan import parse_resolution
from gansmith.judge import picture, staircase
from gansmith.judge.contenders import Contender, Data, Size, common_size, contender
from gansmith.judge.request import Request, next_folder
from gansmith.judge.selection import Wanted, affordable, labels_of_all, pictures
from gansmith.judge.study import FOR_RATERS, REAL, Picture, Study, hash_of, load, unique

FOR_MASKS = 40
SOURCES = ("sources", "against")

Shown = dict[str, tuple[Picture, np.ndarray]]


def open_or_make(request: Request, path: Path | None, progress: Progress) -> Study:
    """The study at that place: made now, or the one that was begun there with the same request.

    Raises: InputError: another study is there, or something else; the pictures would be others today; there are too
        few. Nothing is overwritten.
    """
    request.check()
    found = path is not None and (path / "study.json").is_file()
    if path is not None and not found and path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputError(f"{path} is there and holds no study; name another folder with --study")
    piles: list[Contender] = [Data(request.against, request.seed, True, progress)]
    piles += [contender(source, request.seed, progress) for source in request.sources]
    size = parse_resolution(request.resolution) if request.resolution else common_size(piles)
    for pile in piles:
        pile.open(size, progress)
        if pile.size[0] < size[0] or pile.size[1] < size[1]:
            progress.message(f"{pile.source} is enlarged from {pile.size[0]}x{pile.size[1]} to {size[0]}x{size[1]}.")
    if path is not None and found:
        return _same(load(path), request, piles)
    return _make(request, piles, size, path or next_folder(piles[REAL].name, request.protocol), progress)


def _same(study: Study, request: Request, piles: Sequence[Contender]) -> Study:
    """The study, when it is the one that is asked for, with the words for raters that are asked for now.

    Sources are the same when their pictures are, however they are spelled.
    """
    own = f"gansmith judge --study {study.path}"
    for key, value in request.as_json().items():
        if key not in SOURCES and value != study.asked.get(key):
            raise InputError(
                f"{study.path} holds a study with another {key.replace('_', '-')} ({study.asked.get(key)}, not "
                f"{value}); go on with it: {own}, or name another folder"
            )
    if len(piles) != len(study.contenders):
        raise InputError(f"{study.path} holds a study of other sources; go on with it: {own}, or name another folder")
    for pile, kept in zip(piles, study.contenders, strict=True):
        if pile.fingerprint != kept["fingerprint"]:
            raise InputError(
                f"the pictures of {pile.source} are not those of the study in {study.path} any more; go on with those "
                f"it has: {own}, or name another folder"
            )
    words = {key: getattr(request, key) or getattr(study, key) for key in FOR_RATERS}
    if words != {key: getattr(study, key) for key in FOR_RATERS}:
        study = replace(study, **words)
        write_json(study.path / "study.json", study.as_json())
    return study


def _make(request: Request, piles: Sequence[Contender], size: Size, path: Path, progress: Progress) -> Study:
    """Take the pictures and write the folder."""
    labels = labels_of_all(piles, request) if request.protocol == "labels" else None
    numbers = affordable(request, piles, labels)
    progress.start(f"Drawing the pictures of {path}")
    grey = any(pile.channels == 1 for pile in piles)
    shown = _take(pictures(request, numbers, labels), piles, size, grey, request)
    progress.finish()
    names = unique(["real", *(pile.name for pile in piles[1:])])
    study = Study(
        path=path,
        id=secrets.token_hex(8),
        title=request.title,
        protocol=request.protocol,
        seed=request.seed,
        size=size,
        numbers=numbers,
        contenders=tuple(
            {
                "name": name,
                "kind": pile.kind,
                "source": pile.source,
                "folder": os.path.relpath(pile.folder, path) if pile.folder else "",
                "fingerprint": pile.fingerprint,
            }
            for name, pile in zip(names, piles, strict=True)
        ),
        judged=request.judged,
        pictures={name: shown[name][0] for name in sorted(shown)},
        consent=request.consent,
        asked=request.as_json(),
        made_by=f"gansmith {__version__}",
        created=datetime.date.today().isoformat(),
    )
    _write(study, shown)
    return study


def _take(wanted: Sequence[Wanted], piles: Sequence[Contender], size: Size, grey: bool, request: Request) -> Shown:
    """All pictures, alike in size and colours, under names that say nothing."""
    counts = Counter((one.of, one.label) for one in wanted)
    stock: dict[tuple[int, str | None], Iterator[np.ndarray]] = {
        (of, label): iter(picture.uniform(piles[of].take(count, label), size, grey))
        for (of, label), count in counts.items()
    }
    rng = np.random.default_rng(derived_seed(request.seed, "damage"))
    key, shown = secrets.token_bytes(16), {}

    def add(image: np.ndarray, one: Wanted, good: bool | None) -> None:
        name = hash_of(key + len(shown).to_bytes(8, "big"))
        shown[name] = Picture(one.of, one.use, one.number, one.label, good, hash_of(picture.encode(image))), image

    for one in wanted:
        image = next(stock[one.of, one.label])
        if one.damaged != "instead":
            add(image, one, one.good)
        if one.damaged:
            add(picture.damage(image, rng), one, False)
    if request.protocol == "timed":
        some = np.stack(shuffled([image for _, image in shown.values()], request.seed, "for masks")[:FOR_MASKS])
        for number in range(staircase.MASKS):
            add(picture.mask(some, rng), Wanted(REAL, "mask", number), None)
    return shown


def _write(study: Study, shown: Shown) -> None:
    """All files in a neighbour of the folder, which then gets its name.

    Check: a process killed at any moment leaves no folder of that name, or the whole study.
    """
    path, temporary = study.path, None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{study.id}")  # mkdtemp would leave a folder that nobody else may read
        (temporary / "pictures").mkdir(parents=True)
        for name in study.pictures:  # by name, so that not even the times of the files tell real from generated
            (temporary / "pictures" / f"{name}.png").write_bytes(picture.encode(shown[name][1]))
        write_json(temporary / "study.json", study.as_json())
        os.rename(temporary, path)
    except OSError as error:
        raise WorkError(f"cannot write {path}: {error.strerror or error}; free some space or name another") from error
    finally:
        if temporary is not None:
            remove_tree(temporary)
