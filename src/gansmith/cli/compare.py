"""``gansmith compare``: several methods or runs in one table, under one protocol."""

import inspect
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Group, Parameter

from gansmith.cli.options import clean_stdout, image_count, positive, print_json, registered
from gansmith.cli.progress import LiveProgress
from gansmith.core.errors import InputError

_WITH_RUNS = ("runs", "out", "json")
_TO_GO_ON = ("runs", "out", "workers", "json")
PRINTED = ("runs", "metrics", "differences", "cards")
ROOMY = 110  # columns of a terminal
BRIEF = ("precision", "recall")  # without their intervals where there are fewer

_training = Group("Train first", sort_key=1)
_budget = Group("The budget of each run (minutes or images)", sort_key=2)
_equal = Group("The same for all (chosen from the data and the budget unless you choose)", sort_key=3)
_output = Group("What is written", sort_key=4)


def compare(
    *runs: Path,
    data: Annotated[str | None, Parameter(group=_training)] = None,
    presets: Annotated[
        str | None,
        Parameter(
            group=_training,
            help=f"What is compared, the first with all others: {registered('recipes/presets')}; "
            f"or a recipe: {registered('recipes/kinds')}; or your own as module:name.",
        ),
    ] = None,
    seeds: Annotated[int, Parameter(group=_training, validator=positive)] = 3,
    rates: Annotated[str | None, Parameter(group=_training)] = None,
    workers: Annotated[int, Parameter(group=_training, validator=positive)] = 1,
    minutes: Annotated[float | None, Parameter(group=_budget, validator=positive)] = None,
    images: Annotated[int | None, Parameter(group=_budget, converter=image_count)] = None,
    labels: Annotated[bool, Parameter(group=_equal)] = True,
    network: Annotated[
        str | None, Parameter(group=_equal, help=f"The networks' family: {registered('networks/families')}.")
    ] = None,
    size: Annotated[Literal["xs", "s", "m", "l"] | None, Parameter(group=_equal)] = None,
    resolution: Annotated[str | None, Parameter(group=_equal)] = None,
    threads: Annotated[int | None, Parameter(group=_equal, validator=positive)] = None,
    out: Annotated[Path | None, Parameter(group=_output)] = None,
    json: Annotated[bool, Parameter(group=_output, negative=())] = False,
) -> None:
    """Compare finished runs, or train methods under equal conditions and compare them.

    It can be stopped and gone on with at any time: the same call again, or gansmith compare --out DIR.

    Parameters
    ----------
    runs
        Finished runs on the same data: only read, nothing is trained.
    data
        Train on this: a folder, a zip, IDX files, hf:NAME, or a built-in name.
    seeds
        Runs of each method; from three on, intervals say what another seed would change.
    rates
        Learning rates such as 5e-4,1e-3,3e-3, from which each method gets its best one, by trials of equal cost.
    workers
        Runs at a time, each in a process of its own.
    minutes
        Turned into images for each method, by paces measured before anything is trained. Default: 4.
    images
        Real images to show; 300k and 2M are understood.
    labels
        Learn the classes when the data bring them.
    size
        The networks' size.
    resolution
        64 or WIDTHxHEIGHT; otherwise chosen from the pictures' sizes.
    threads
        CPU threads of a run. Default: all, shared among the workers.
    out
        The folder for comparison.html, comparison.json, comparison.png and the runs. Default: comparisons/DATA-NNN.
    json
        Print one JSON object on stdout, and nothing else there.
    """
    given = dict(locals())
    with clean_stdout(json), LiveProgress() as live:
        comparison = _compare(given, live)
    if json:
        print_json({key: comparison.results[key] for key in PRINTED})
    else:
        print_table(comparison)
    _tell(comparison)


def _compare(given: dict[str, Any], live: LiveProgress) -> Any:
    if given["runs"]:
        _refuse_others(given, _WITH_RUNS, "finished runs are only read")
        from gansmith.recipes.comparing.comparison import compare_runs

        return compare_runs(given["runs"], given["out"])
    if given["data"] is None:
        _refuse_others(given, _TO_GO_ON, "without --data an earlier comparison goes on as it was begun")
        if given["out"] is None:
            raise InputError(
                "name two runs or more, or what to train: gansmith compare --data DATA --presets modern,wgan-gp"
            )
    elif given["presets"] is None:
        raise InputError("say what to compare, such as --presets modern,wgan-gp,vae")
    from gansmith.recipes.comparing import comparison

    return comparison.compare(_asked(given), given["out"], workers=given["workers"], progress=live)


def _asked(given: dict[str, Any]) -> Any:
    """The request; None to go on with an earlier one."""
    from gansmith.recipes.comparing.asked import Asked

    if given["data"] is None:
        return None
    same = ("data", "seeds", "minutes", "images", "labels", "network", "size", "resolution", "threads")
    return Asked(
        presets=tuple(_words(given["presets"])), rates=_numbers(given["rates"]), **{name: given[name] for name in same}
    )


def _refuse_others(given: dict[str, Any], allowed: tuple[str, ...], why: str) -> None:
    """An option that would be ignored misleads."""
    for name, parameter in inspect.signature(compare).parameters.items():
        if name not in allowed and given[name] != parameter.default:
            flag = f"--{'no-' if given[name] is False else ''}{name}"
            raise InputError(f"{why}, so {flag} has no place here; leave it out")


def _words(listed: str) -> list[str]:
    return [word.strip() for word in listed.split(",") if word.strip()]


def _numbers(listed: str | None) -> tuple[float, ...]:
    try:
        return tuple(float(word) for word in _words(listed or ""))
    except ValueError as error:
        raise InputError(f"--rates takes numbers such as 5e-4,1e-3,3e-3, not {listed!r}") from error


def print_table(comparison: Any) -> None:
    """The methods on stdout, one a row, each interval below its value; then their cards where they have some."""
    from gansmith.report.card_comparison import compared_table

    _print(*comparison.table())
    found = comparison.results["cards"]
    if found and "why" not in found:
        print()
        _print(*compared_table(found))


def _print(head: list[str], rows: list[list[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    roomy = console.width >= ROOMY
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1 if roomy else 0), show_edge=False)
    for name in head:
        first = name == head[0]
        table.add_column(Text(name), justify="left" if first else "right", style="bold" if first else "", no_wrap=first)
    for row in rows:
        cells = (_cell(cell, roomy or name not in BRIEF) for name, cell in zip(head[1:], row[1:], strict=True))
        table.add_row(Text(row[0]), *map(Text, cells))
    console.print(table)


def _cell(words: str, whole: bool) -> str:
    """A value, and on the next line its interval where there is room for it."""
    value, _, between = words.partition(" (")
    return f"{value}\n{between.removesuffix(')')}" if between and whole else value


def _tell(comparison: Any) -> None:
    """What it means, and where everything is."""
    for line in (comparison.results["verdict"], *comparison.results["notes"]):
        print(line, file=sys.stderr)
    print(f"page:    {comparison.path / 'comparison.html'}", file=sys.stderr)
