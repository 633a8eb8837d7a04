"""``gansmith lab``: the two-player game in one and two dimensions, theory beside measurement."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from gansmith.cli.options import clean_stdout, positive, print_json

if TYPE_CHECKING:
    from gansmith.lab.rows import Row

WIDTH = 120  # of the table where there is no terminal to ask


def lab(
    *names: str,
    listed: Annotated[bool, Parameter(name="--list", negative=())] = False,
    minutes: Annotated[float | None, Parameter(validator=positive)] = None,
    seed: int = 0,
    out: Path = Path("lab"),
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Play small games whose theory is known, and print what theory says beside what is measured.

    Without names it plays everything that is quick, in about a minute. Pictures, explanations and tables go
    to one page, index.html in the folder; long experiments join it when they are named.

    Parameters
    ----------
    names
        What to play, such as dirac-steps or grid-25.
    listed
        Say what there is, and play nothing.
    minutes
        How long those that train long may train. Default: their own number of steps.
    seed
        Another seed, other draws.
    out
        The folder for the page and the results.
    json
        Print one JSON object on stdout, and nothing else there.
    """
    if listed:
        print_list(json)
        return
    with clean_stdout(json):
        from gansmith.cli.progress import LiveProgress
        from gansmith.lab import bench, results
        from gansmith.lab.experiment import Setting

        with LiveProgress() as progress:
            experiments = bench.chosen(names, minutes)
            setting = Setting(seed=seed, minutes=minutes, out=out, progress=progress)
            rows, page = bench.run(experiments, setting)
    if json:
        print_json({"rows": [results.to_json(row) for row in rows]})
    else:
        print_rows(rows)
    print(f"the page: {page}", file=sys.stderr)


def print_list(json: bool) -> None:
    """The experiments with what each is, read from their files without importing them."""
    from gansmith.lab import EXPERIMENTS

    told = {name: EXPERIMENTS.help(name) for name in EXPERIMENTS.names}
    if json:
        print_json({"experiments": told})
        return
    width = max(map(len, told))
    for name, help_line in told.items():
        print(f"{name:{width}}  {help_line}")


def print_rows(rows: "Sequence[Row]") -> None:
    """Theory beside measurement, one row a line."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE)
    table.add_column("what", overflow="fold")
    for head in ("theory", "measured", "error", "holds"):
        table.add_column(head, justify="right", no_wrap=True)
    for row in rows:
        holds = Text("yes") if row.holds else Text("no", style="bold red")
        table.add_row(Text(row.name), f"{row.theory:.5g}", f"{row.measured:.5g}", f"{row.error:.1e}", holds)
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table)
