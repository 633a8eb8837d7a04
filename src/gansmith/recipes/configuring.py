"""Choose everything, measure the pace, fix the budget: the content of config.json."""

import datetime
import time
from pathlib import Path
from typing import Any

import torch

import gansmith
from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.core.runfolder import FORMAT
from gansmith.recipes import RECIPES
from gansmith.recipes.choices import Choice, Choices, Facts, to_json, values
from gansmith.recipes.material import Material
from gansmith.recipes.request import Request
from gansmith.recipes.setup import (
    DEFAULT_MINUTES,
    Pace,
    images_for,
    open_layouts,
    precision_for,
    schedule,
)
from gansmith.recipes.starting import Start

USUAL_PACE = 500.0  # images/s, a first guess
WORTH_MEASURING = 0.1


def configure(
    request: Request,
    material: Material,
    judge: Any | None,
    device: torch.device,
    start: Start | None,
    progress: Progress,
) -> dict[str, Any]:
    """The content of config.json: every choice with its reason, the schedule, the data report.

    Called when the data are ready: its own time counts against a budget in minutes.

    Raises: InputError: for a batch larger than the training split.
    """
    began = time.perf_counter()
    minutes = None if request.images else request.minutes or DEFAULT_MINUTES

    recipe = RECIPES.get(request.recipe)
    mine = _asked(request)
    kept = {name: choice for name, choice in (start.choices if start else {}).items() if name not in mine}

    def choose(images: int) -> tuple[Facts, Choices]:
        known = {"minutes": minutes, "accelerated": device.type != "cpu", "size": request.size}
        facts = material.facts(request.labels, images, **known)
        choices = recipe.choose(facts, request.preset, values(kept) | mine) | kept
        return facts, choices | {"precision": precision_for(request.precision, device, values(choices).get("penalty"))}

    facts, choices = choose(request.images or round((minutes or 0) * 60 * USUAL_PACE))
    batch = choices["batch"].value
    if batch > facts.train_images:
        raise InputError(f"--batch {batch} is more than the {facts.train_images} training images; make it smaller")
    known = None
    if request.pace:
        layout = open_layouts(values(choices), device, request.threads, request.lanes or 1)[-1]
        known = Pace(layout, request.pace)
    else:
        progress.message("Measuring the pace of this machine.")
    for _ in range(2):
        pace = known or Pace.measure(
            recipe,
            material,
            values(choices),
            facts,
            device,
            judge if minutes else None,
            request.seed,
            request.threads,
            request.lanes,
        )
        if minutes is None:
            images, seconds, why = request.images or batch, None, "asked for"
            break
        images, seconds = images_for(minutes, time.perf_counter() - began, pace, batch)
        why = f"{minutes:g} minutes at {pace.images_per_second:,.0f} images/s, scores included"
        measured, (facts, choices) = values(choices), choose(images)
        batch = choices["batch"].value
        if batch == measured["batch"] and abs(choices["augment"].value - measured["augment"]) < WORTH_MEASURING:
            break  # what was measured is what will be played
    facts, choices = choose(images)
    choices |= {"images": Choice(images, why)} | _circumstances(request, facts, judge, device, pace)
    return _identity(request, material, facts) | {
        "choices": to_json(choices),
        "schedule": schedule(images, batch, seconds, pace, request.scores),
        "network": {"family": choices["network"].value, "arguments": recipe.network(values(choices), facts)},
        "data": material.report,
    }


def _asked(request: Request) -> dict[str, Any]:
    """The user's own values."""
    asked = {name: getattr(request, name) for name in ("batch", "mirror", "rate", "gamma")}
    return {name: value for name, value in asked.items() if value is not None} | request.overrides


def _circumstances(request: Request, facts: Facts, judge: Any | None, device: torch.device, pace: Pace) -> Choices:
    """What follows from the machine and the request rather than from the preset."""
    tried = ", ".join(f"{speed:,.0f} by {way}" for way, speed in pace.paces.items())
    measured = f"measured, in images/s: {tried}" if tried else "those that are here"
    final = judge is not None and request.final_score
    pictures = RECIPES.get(request.recipe).reads == "pictures"
    guard = (request.preset is None and pictures) if request.guard is None else request.guard
    usual = "the default game is guarded"
    if not guard:
        usual = "a preset is played as it was published" if pictures else "its acts are not measured on translations"
    return {
        "labels": Choice(bool(facts.classes), f"{facts.classes} classes" if facts.classes else "no labels are used"),
        "seed": Choice(request.seed, "every draw follows from it"),
        "device": Choice(str(device), "the best that is here" if request.device == "auto" else "asked for"),
        "threads": Choice(pace.layout.threads, "asked for" if request.threads else measured),
        "lanes": Choice(
            pace.layout.lanes,
            "asked for" if request.lanes else "by batch and processors, of 16 images or more each",
        ),
        "score": Choice(
            judge is not None, "in the loop, on the choose split" if judge else "no extractor, or not asked for"
        ),
        "final_score": Choice(final, "at the end, against the test split" if final else "not taken"),
        "guard": Choice(guard, usual if request.guard is None else "asked for"),
        "tensorboard": Choice(request.tensorboard, "asked for" if request.tensorboard else "not asked for"),
    }


def _identity(request: Request, material: Material, facts: Facts) -> dict[str, Any]:
    """Which run this is, of which data, read how."""
    height, width = facts.resolution
    return {
        "format": FORMAT,
        "gansmith": gansmith.__version__,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "recipe": request.recipe,
        "preset": request.preset,
        **{name: str(Path(path).resolve()) if Path(path).exists() else path for name, path in material.sources.items()},
        "reading": {
            "resolution": f"{width}x{height}",
            "alpha": request.alpha or "composite",
            "background": request.background or "white",
        },
        "fingerprint": material.fingerprint,
        "started_from": str(Path(request.start).resolve()) if request.start else None,
    }
