"""``gansmith train``: images in, a run folder out."""

import inspect
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Group, Parameter

from gansmith.cli.options import (
    clean_stdout,
    image_count,
    not_negative,
    positive,
    print_json,
    probability_or_ada,
    registered,
)
from gansmith.cli.progress import LiveProgress
from gansmith.core.errors import InputError
from gansmith.report.words import clock

DEFAULT_DATA = "avatars"
_WITH_RESUME = ("data", "resume", "json")
_GAME = (
    *("objective", "penalty", "penalty_every", "generator_penalty", "network", "constraint", "generator_conditioning"),
    *(
        "critic_conditioning",
        "augment",
        "optimiser",
        "instance_noise",
        "packing",
        "group",
        "critic_steps",
        "first",
        "beta",
    ),
    *("free_nats", "latent", "reconstruction", "cycle", "identity", "contrast"),
)

_run = Group("The run", sort_key=1)
_budget = Group("The budget (minutes or images; a few minutes are fine)", sort_key=2)
_choices = Group("Choices (made from the data and the budget unless you make them)", sort_key=3)
_game = Group("The game (the preset's unless you change it)", sort_key=4)
_translation = Group("Translation (the recipes paired and unpaired)", sort_key=5)
_pictures = Group("How pictures are read", sort_key=6)
_output = Group("What is written", sort_key=7)


def _named(room: str, says: str, group: Group) -> Parameter:
    return Parameter(group=group, help=f"{says}: {registered(room)}; or your own as module:name.")


def train(
    data: str | None = None,
    data_b: str | None = None,
    /,
    *,
    recipe: Annotated[str, _named("recipes/kinds", "What is trained", _run)] = "image",
    preset: Annotated[
        str | None,
        _named(
            "recipes/presets",
            f"A named set of choices; of paired translation, {registered('recipes/translating/presets/paired')}, "
            f"of unpaired, {registered('recipes/translating/presets/unpaired')}; to draw",
            _run,
        ),
    ] = None,
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
    lanes: Annotated[int | None, Parameter(group=_choices, validator=positive)] = None,
    precision: Annotated[Literal["fp32", "bf16"] | None, Parameter(group=_choices)] = None,
    device: Annotated[str, Parameter(group=_choices)] = "auto",
    guard: Annotated[bool | None, Parameter(group=_choices)] = None,
    objective: Annotated[str | None, _named("objectives/losses", "Both players' losses", _game)] = None,
    penalty: Annotated[
        str | None, _named("objectives/penalties", "What keeps the critic smooth, or none", _game)
    ] = None,
    penalty_every: Annotated[int | None, Parameter(group=_game, validator=positive)] = None,
    generator_penalty: Annotated[str | None, Parameter(group=_game)] = None,
    network: Annotated[str | None, _named("networks/families", "The networks' family", _game)] = None,
    constraint: Annotated[Literal["spectral", "clip", "none"] | None, Parameter(group=_game)] = None,
    generator_conditioning: Annotated[Literal["concatenation", "normalisation"] | None, Parameter(group=_game)] = None,
    critic_conditioning: Annotated[
        Literal["projection", "concatenation", "auxiliary"] | None, Parameter(group=_game)
    ] = None,
    augment: Annotated[float | str | None, Parameter(group=_game, converter=probability_or_ada)] = None,
    optimiser: Annotated[str | None, _named("engine/optimisers", "How weights follow their gradients", _game)] = None,
    instance_noise: Annotated[float | None, Parameter(group=_game, validator=not_negative)] = None,
    packing: Annotated[int | None, Parameter(group=_game, validator=positive)] = None,
    group: Annotated[int | None, Parameter(group=_game, validator=not_negative)] = None,
    critic_steps: Annotated[int | None, Parameter(group=_game, validator=positive)] = None,
    first: Annotated[Literal["critic", "generator"] | None, Parameter(group=_game)] = None,
    beta: Annotated[float | None, Parameter(group=_game, validator=not_negative)] = None,
    free_nats: Annotated[float | None, Parameter(group=_game, validator=not_negative)] = None,
    latent: Annotated[int | None, Parameter(group=_game, validator=not_negative)] = None,
    reconstruction: Annotated[float | None, Parameter(group=_translation, validator=not_negative)] = None,
    cycle: Annotated[float | None, Parameter(group=_translation, validator=not_negative)] = None,
    identity: Annotated[float | None, Parameter(group=_translation, validator=not_negative)] = None,
    contrast: Annotated[float | None, Parameter(group=_translation, validator=not_negative)] = None,
    strict_pairs: Annotated[bool, Parameter(group=_translation, negative=())] = False,
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
        What DATA is translated to, with --recipe paired or unpaired. Pairs have equal names in both, or lie side by
        side in the files of one folder.
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
    lanes
        Parts that each step's images are played in, side by side. Default: by the batch and the processors.
    precision
        bf16: convolutions in 16 bits; the default where the processor has AMX tiles, and on CUDA.
    device
        auto, cpu, cuda or mps.
    guard
        Act on what the doctor finds: rates, penalty, augmentation, going back. Default: yes, but not with --preset.
    penalty_every
        Apply the penalty in every such step, at so many times the weight.
    generator_penalty
        path-length, where the generator has no batch normalisation.
    constraint
        Keep the critic's weights small: spectral normalisation, or clipping.
    generator_conditioning
        How the generator learns of the class: joined to the latent, or as gains of its normalisation.
    critic_conditioning
        How the critic learns of the class; auxiliary asks it to name the class instead.
    augment
        Probability that the critic is shown an altered image, or ada to let it follow the critic's overfitting.
    instance_noise
        Noise on what the critic sees at the start, fading out over the run; images reach from -1 to 1.
    packing
        Let the critic judge so many images as one sample.
    group
        Let the critic see how much so many images differ; 0 for each by itself.
    critic_steps
        Steps of the critic for each of the generator.
    first
        Who moves first in a step.
    beta
        With the recipes vae and vae-gan: weight of the divergence from the prior.
    free_nats
        With the same: what each latent may carry without paying.
    latent
        Length of the noise; for translations 0 gives one answer a picture.
    reconstruction
        Of pairs: how much an answer is drawn to the truth, beside the critic's verdict.
    cycle, identity, contrast
        Unpaired: weights of the way back, of B left as it is, and of patches that know their place.
    strict_pairs
        Refuse pictures without a partner instead of setting them aside.
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
    request = {name: value for name, value in given.items() if name not in ("json", "resume", "from_", *_GAME)}
    return training.train(training.Request(**request, start=given["from_"], overrides=_game_of(given)), progress=live)


def _game_of(given: dict[str, Any]) -> dict[str, Any]:
    """What was asked of the game, by the names of config.json."""
    asked = {name: None if given[name] == "none" else given[name] for name in _GAME if given[name] is not None}
    if asked.get("augment") == "ada":
        asked |= {"augment": 0.0, "augment_rule": "ada"}
    return asked


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
    from gansmith.core.runfolder import same_again
    from gansmith.report.facts import RunFacts, score_line

    run = Path(result.run)
    facts = RunFacts.read(run)
    for line in (
        f"done: {result.images_seen:,} images in {clock(result.seconds)}",
        f"run:     {run}",
        f"report:  {run / 'report.html'}",
        f"score:   {score_line(facts)}",
        f"doctor:  {_found(result.findings)}",
        f"use it:  gansmith translate {run} PICTURES" if facts.translates else f"draw:    gansmith sample {run}",
        f"go on:   gansmith train {same_again(facts.config)} --from {run}",
    ):
        print(line, file=sys.stderr)


def _found(findings: list[dict[str, Any]]) -> str:
    """What to act on first, or that there is nothing."""
    pressing = [finding for finding in findings if finding.get("severity") == "act"]
    if not pressing:
        return "nothing to act on"
    more = f" (and {len(pressing) - 1} more: gansmith doctor RUN)" if len(pressing) > 1 else ""
    return f"{pressing[0]['symptom'].replace('-', ' ')}: {pressing[0]['advice']}{more}"
