"""``gansmith train``: images in, a run folder out."""

import inspect
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Group, Parameter

from gansmith.cli.options import clean_stdout, image_count, not_negative, positive, print_json
from gansmith.cli.progress import LiveProgress
from gansmith.core.errors import InputError
from gansmith.report.words import clock

DEFAULT_DATA = "avatars"
_WITH_RESUME = ("data", "resume", "json")

_run = Group("The run", sort_key=1)
_budget = Group("The budget (minutes or images; a few minutes are fine)", sort_key=2)
_choices = Group("Choices (made from the data and the budget unless you make them)", sort_key=3)
_pictures = Group("How pictures are read", sort_key=4)
_output = Group("What is written", sort_key=5)


def train(
    data: str | None = None,
    data_b: str | None = None,
    /,
    *,
    recipe: Annotated[str, Parameter(group=_run)] = "image",
    preset: Annotated[str | None, Parameter(group=_run)] = None,
    out: Annotated[Path | None, Parameter(group=_run)] = None,
    resume: Annotated[Path | None, Parameter(group=_run)] = None,
    from_: Annotated[Path | None, Parameter(name="--from", group=_run)] = None,
    seed: Annotated[int, Parameter(group=_run)] = 0,
    minutes: Annotated[float | None, Parameter(group=_budget, validator=positive)] = None,
    images: Annotated[int | None, Parameter(group=_budget, converter=image_count)] = None,
    size: Annotated[Literal["xs", "s", "m", "l"] | None, Parameter(group=_choices)] = None,
    batch: Annotated[int | None, Parameter(group=_choices, validator=positive)] = None,
    rate: Annotated[float | None, Parameter(group=_choices, validator=positive)] = None,
    gamma: Annotated[float | None, Parameter(group=_choices, validator=not_negative)] = None,
    mirror: Annotated[bool | None, Parameter(group=_choices)] = None,
    threads: Annotated[int | None, Parameter(group=_choices, validator=positive)] = None,
    device: Annotated[str, Parameter(group=_choices)] = "auto",
    resolution: Annotated[str | None, Parameter(group=_pictures)] = None,
    alpha: Annotated[Literal["composite", "keep"] | None, Parameter(group=_pictures)] = None,
    background: Annotated[str | None, Parameter(group=_pictures)] = None,
    labels: Annotated[bool, Parameter(group=_pictures)] = True,
    tensorboard: Annotated[bool, Parameter(group=_output, negative=())] = False,
    score: Annotated[bool, Parameter(group=_output)] = True,
    json: Annotated[bool, Parameter(group=_output, negative=())] = False,
) -> None:
    """Train a generator on your images.

    Parameters
    ----------
    data
        A folder, a zip, IDX files, hf:NAME, or one of avatars, fashion-mnist, mnist, emoji. Default: avatars.
    data_b
        The second domain, for recipes that translate between two.
    recipe
        What is trained.
    preset
        A named set of choices, such as classic, the textbook GAN.
    out
        The run folder, which must not exist. Default: runs/DATA-RECIPE-NNN.
    resume
        Go on with this run, exactly where it stopped.
    from_
        Start from another run's weights.
    seed
        Every random draw follows from it.
    minutes
        Time from prepared data to the final score; turned into images once, after a short warm-up. Default: 10.
    images
        Real images to show; 300k and 2M are understood.
    size
        The networks' size.
    batch
        Images a step.
    rate
        The learning rate at its peak.
    gamma
        The weight of the gradient penalties at the start.
    mirror
        Show mirrored copies too; for pictures in which left and right mean the same.
    threads
        CPU threads; otherwise measured at the start.
    device
        auto, cpu, cuda or mps.
    resolution
        64 or WIDTHxHEIGHT; otherwise chosen from the pictures' sizes.
    alpha
        keep: transparency becomes a fourth channel; composite, the default: it is laid on the background.
    background
        The colour behind transparent pictures, such as white or #808080.
    labels
        Learn the classes when the data bring them.
    tensorboard
        Write TensorBoard files too (needs the extra gansmith[tensorboard]).
    score
        Score during training and at the end.
    json
        Print one JSON object on stdout, and nothing else there.
    """
    given = dict(locals())
    if resume is not None:
        _refuse_choices(given)
    with clean_stdout(json), LiveProgress() as live:
        result = _train(given, live)
    if json:
        print_json({key: getattr(result, key) for key in ("run", "images_seen", "seconds", "score", "findings")})
    _tell(result)


def _train(given: dict[str, Any], live: LiveProgress) -> Any:
    from gansmith.recipes import training

    if given["resume"] is not None:
        return training.resume(given["resume"], given["data"], progress=live)
    if given["data"] is None:
        given["data"] = DEFAULT_DATA
        live.message(f"no data named: training on the built-in {DEFAULT_DATA}")
    request = {name: value for name, value in given.items() if name not in ("json", "resume", "from_")}
    return training.train(training.Request(**request, start=given["from_"]), progress=live)


def _refuse_choices(given: dict[str, Any]) -> None:
    """A resumed run keeps every choice it was started with; silently ignoring one would mislead."""
    for name, parameter in inspect.signature(train).parameters.items():
        if name in _WITH_RESUME or given[name] == parameter.default:
            continue
        flag = f"--{'no-' if given[name] is False else ''}{name.rstrip('_')}" if name != "data_b" else "DATA_B"
        raise InputError(
            f"--resume goes on exactly as the run began, so {flag} has no place beside it; "
            "leave it out, or start a new run with --from RUN"
        )


def _tell(result: Any) -> None:
    """Where everything is, how good it is, and what to do next."""
    from gansmith.report.facts import RunFacts, score_line

    run = Path(result.run)
    facts = RunFacts.read(run)
    for line in (
        f"done: {result.images_seen:,} images in {clock(result.seconds)}",
        f"run:     {run}",
        f"report:  {run / 'report.html'}",
        f"score:   {score_line(facts)}",
        f"draw:    gansmith sample {run}",
        f"go on:   gansmith train {facts.data_source} --from {run}",
    ):
        print(line, file=sys.stderr)
