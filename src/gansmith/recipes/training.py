"""Train and resume: data and a request in, a run folder out."""

import math
from pathlib import Path
from typing import Any

from gansmith.core.errors import InputError, WorkError
from gansmith.core.files import remove_tree, write_json
from gansmith.core.progress import Progress
from gansmith.core.registry import hint
from gansmith.core.runfolder import RunFolder, next_run_folder, same_again
from gansmith.engine.devices import PRECISIONS, pick_device
from gansmith.engine.memory import keep_freed_memory
from gansmith.networks.extractors import available
from gansmith.recipes import RECIPES, starting
from gansmith.recipes.configuring import configure
from gansmith.recipes.material import Material
from gansmith.recipes.opening import open_material
from gansmith.recipes.request import Request, Result
from gansmith.recipes.session import Session
from gansmith.recipes.sizes import COARSEST

__all__ = ["Request", "Result", "resume", "train"]


def train(request: Request | str, *, progress: Progress | None = None, **options: Any) -> Result:
    """Train a generator; ``train("folder", minutes=5)`` is short for ``train(Request(...))``.

    Raises:
        InputError: for wrong input, before anything is written.
        WorkError: a full disk or NaN; the last good state is kept.
        Interrupted: after Ctrl-C; the state is saved.
    """
    if isinstance(request, Request) and options:
        raise InputError(f"give {', '.join(options)} in the request itself; beside a Request it has no place")
    request = Request(data=str(request), **options) if not isinstance(request, Request) else request
    progress = progress or Progress()
    _refuse(request)
    start = starting.read(request.start) if request.start else None
    reading = {
        "resolution": request.resolution or (start.resolution if start else None),
        "alpha": request.alpha or "composite",
        "background": request.background or "white",
    }
    material = open_material(request.recipe, request.data, request.data_b, reading, request.strict_pairs, progress)
    device = pick_device(request.device)
    keep_freed_memory()
    judge = _judge(request.score, material, request.seed, progress)
    config = configure(request, material, judge, device, start, progress)
    run = RunFolder(
        Path(request.out) if request.out else next_run_folder(material.name, request.preset or request.recipe)
    )
    _refuse_existing(run.path)
    session = Session(run, config, material, judge, device, progress)
    if start is not None:
        start.into(session.trainer)
    try:
        write_json(run.config, config)
    except WorkError:
        remove_tree(run.path)  # it holds nothing yet, and would be in the way of the next try
        raise
    return session.play()


def resume(run: Path | str, data: str | None = None, *, progress: Progress | None = None) -> Result:
    """Go on with a run exactly where its last whole checkpoint left it.

    Args:
        run: the run folder.
        data: where the data are now, if they have moved; their content must be the same.
    Raises: InputError: other data, no whole checkpoint, not a run folder, or another version's.
    """
    progress = progress or Progress()
    folder = RunFolder(Path(run))
    config = folder.read_config()
    try:
        session = _session_of(folder, config, data, progress)
    except KeyError as error:
        raise InputError(
            f"{folder.config} has no {error}: another version of gansmith wrote it; resume with "
            f"{config.get('gansmith', 'that version')}, or start anew with --from {folder.path}"
        ) from error
    return session.play_on()


def _session_of(folder: RunFolder, config: dict[str, Any], data: str | None, progress: Progress) -> Session:
    """The session that a run folder describes. Raises: KeyError: when its config lacks what this version reads."""
    material = open_material(
        config["recipe"], data or config["source"], config.get("source_b"), config["reading"], False, progress
    )
    if material.fingerprint != config["fingerprint"]:
        raise InputError(
            f"{folder.path} was trained on other data (or they have changed): resume with the same images, "
            f"or start anew with: gansmith train {same_again(config | material.sources)} --from {folder.path}"
        )
    device = pick_device(config["choices"]["device"]["value"])
    keep_freed_memory()
    scored = config["choices"]["score"]["value"]
    judge = _judge(scored, material, config["choices"]["seed"]["value"], progress)
    if scored and judge is None:
        raise InputError("this run is scored on the way; to go on exactly, install: pip install 'gansmith[start]'")
    return Session(folder, config, material, judge, device, progress)


def _refuse(request: Request) -> None:
    recipe = RECIPES.get(request.recipe)
    if request.data_b is not None and recipe.sides == 1:
        raise InputError(
            f"the recipe {request.recipe!r} takes one folder of images, not two; leave {request.data_b} out, or "
            "translate between them with --recipe paired or --recipe unpaired"
        )
    if request.preset:
        recipe.presets.get(request.preset)
    if request.size and request.size not in COARSEST:
        raise InputError(f"no size is named {request.size!r}; {hint(request.size, COARSEST)}")
    if request.minutes is not None and request.images is not None:
        raise InputError("give the budget as --minutes or as --images, not both")
    for name in ("minutes", "images", "batch", "rate", "threads", "lanes"):
        value = getattr(request, name)
        if value is not None and not (value > 0 and math.isfinite(value)):
            raise InputError(f"--{name} must be above 0, not {value}")
    if request.precision not in (None, *PRECISIONS):
        raise InputError(f"no precision is named {request.precision!r}; {hint(request.precision, PRECISIONS)}")
    if request.gamma is not None and not 0 <= request.gamma < math.inf:
        raise InputError(f"--gamma must be 0 or more, not {request.gamma}")
    if request.out:
        _refuse_existing(Path(request.out))


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise InputError(f"{path} exists; go on with it by --resume {path}, or choose another --out")


def _judge(wanted: bool, material: Material, seed: int, progress: Progress) -> Any | None:
    extractor = available(progress=progress) if wanted else None
    return material.judge(extractor, seed, progress) if extractor else None
