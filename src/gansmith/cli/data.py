"""``gansmith data``: what is in there, and what would be done with it."""

from typing import Any, Literal


def data(
    source: str,
    /,
    *,
    resolution: str | None = None,
    alpha: Literal["composite", "keep"] = "composite",
    background: str = "white",
    json: bool = False,
) -> None:
    """Look at images, prepare them once, and print what was found and done.

    Parameters
    ----------
    source:
        A folder, a zip, IDX files, hf:NAME, or one of avatars, emoji, fashion-mnist, mnist.
    resolution:
        Pixels a side, or WIDTHxHEIGHT, from 28 to 256; chosen from the images when not given.
    alpha:
        composite puts transparent images on the background; keep makes alpha a fourth channel.
    background:
        A colour name or #rrggbb.
    json:
        Print one JSON object instead of words.
    """
    from gansmith.cli.options import print_json
    from gansmith.cli.progress import LiveProgress
    from gansmith.data.prepare import prepare

    with LiveProgress() as progress:
        prepared = prepare(source, resolution=resolution, alpha=alpha, background=background, progress=progress)
    if json:
        print_json(prepared.report)
    else:
        print_words(prepared.name, prepared.report)


def print_words(name: str, report: dict[str, Any]) -> None:
    """The report as a table on stdout, with every file that was set aside."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from gansmith.data.report import in_words

    table = Table(title=f"{name}: {report['source']}", box=box.SIMPLE, show_header=False, title_justify="left")
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for what, words in in_words(report):
        table.add_row(what, Text(words))
    for entry in report["set_aside"]:
        table.add_row("", Text(f"{entry['file']}: {entry['reason']}"))
    Console().print(table)
