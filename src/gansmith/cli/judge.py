"""``gansmith judge``: people rate; the page, the votes, the statistics."""

import inspect
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Group, Parameter

from gansmith.cli.options import clean_stdout, positive, print_json
from gansmith.core.errors import InputError, WorkError

_ON_RESULTS = ("results", "study", "width", "export", "json")
_TO_GO_ON = ("study", "port", "share_on_lan", "serve", "width", "json")

_asked = Group("What is asked", sort_key=1)
_page = Group("The page", sort_key=2)
_found = Group("What came out", sort_key=3)


def judge(
    *sources: str,
    against: Annotated[str | None, Parameter(group=_asked)] = None,
    protocol: Annotated[Literal["unlimited", "timed", "pairs", "labels"] | None, Parameter(group=_asked)] = None,
    include_real: Annotated[bool, Parameter(group=_asked, negative=())] = False,
    trials: Annotated[int | None, Parameter(group=_asked, validator=positive)] = None,
    images: Annotated[int, Parameter(group=_asked, validator=positive)] = 100,
    resolution: Annotated[str | None, Parameter(group=_asked)] = None,
    seed: Annotated[int, Parameter(group=_asked)] = 0,
    title: Annotated[str, Parameter(group=_asked)] = "",
    consent: Annotated[Path | None, Parameter(group=_asked)] = None,
    study: Annotated[Path | None, Parameter(group=_page)] = None,
    port: Annotated[int | None, Parameter(group=_page, validator=positive)] = None,
    share_on_lan: Annotated[bool, Parameter(group=_page, negative=())] = False,
    serve: Annotated[bool, Parameter(group=_page)] = True,
    results: Annotated[Path | None, Parameter(group=_found)] = None,
    width: Annotated[float | None, Parameter(group=_found, validator=positive)] = None,
    export: Annotated[Path | None, Parameter(group=_found)] = None,
    json: Annotated[bool, Parameter(group=_found, negative=())] = False,
) -> None:
    """Let people judge pictures on a local web page, and say what their votes amount to.

    The page runs until Ctrl-C; votes are stored as they come, and the study goes on with gansmith judge --study DIR.

    Parameters
    ----------
    sources
        What is judged: run folders, folders of pictures, npz files with images.
    against
        The real data: a folder, a zip, IDX files, hf:NAME, or a built-in name.
    protocol
        unlimited: real or generated, one at a time. timed: the same, shown for less than a second.
        pairs: which looks more real. labels: which matches its label better. Default: unlimited for one source,
        pairs for several.
    include_real
        In pairs, let the real pictures compete.
    trials
        Questions for each rater, without practice and checks. Default: 100, timed 150 a source, in pairs 60.
    images
        About how many pictures of each source.
    resolution
        64 or WIDTHxHEIGHT; otherwise the smallest of all, so that nothing is enlarged.
    seed
        Of the pictures and of all orders.
    title
        What raters read at the top.
    consent
        A text file that replaces the words that raters agree to.
    study
        The study's folder. Default: studies/DATA-PROTOCOL-NNN.
    port
        Of the page. Default: that of the last time, or a free one.
    share_on_lan
        Let other machines on the network open the page, by a link with a random token.
    serve
        Open the page; with --no-serve the study is only made.
    results
        Write and print the results of a study; nothing is served.
    width
        Say how many votes an interval of this width still needs: 0.1, or milliseconds where it is timed.
    export
        Write all votes of a study to this CSV file.
    json
        Print one JSON object on stdout, and nothing else there.
    """
    given = dict(locals())
    with clean_stdout(json):
        told = _judge(given)
    if json:
        print_json(told)
    elif "summary" in told:
        print_results(told)


def _judge(given: dict[str, Any]) -> dict[str, Any]:
    if given["results"] is not None or given["export"] is not None:
        return _report(given)
    from gansmith.judge.serving import check_installed, serve
    from gansmith.judge.study import load

    if given["serve"]:
        check_installed()
    if given["sources"] or given["against"] is not None:
        opened = _made(given)
    elif given["study"] is not None:
        _refuse_others(given, _TO_GO_ON, "a study goes on as it was begun")
        opened = load(given["study"])
    else:
        raise InputError("name what is to be judged and the real data: gansmith judge RUN --against DATA")
    if given["serve"]:
        serve(opened, lambda place: _announce(opened, place), port=given["port"], lan=given["share_on_lan"])
        return _told(opened, given["width"])
    print(f"study: {opened.path}", file=sys.stderr)
    return {"study": opened.path, "protocol": opened.protocol, "pictures": len(opened.pictures)}


def _report(given: dict[str, Any]) -> dict[str, Any]:
    """Results, and the CSV where it is asked for."""
    _refuse_others(given, _ON_RESULTS, "results are only read")
    path = given["results"] or given["study"]
    if path is None:
        raise InputError("name the study: gansmith judge --results STUDY --export votes.csv")
    from gansmith.judge.export import export
    from gansmith.judge.study import load

    opened = load(path)
    told = _told(opened, given["width"])
    if given["export"] is not None:
        export(opened, _votes(opened)[0], given["export"])
        print(f"votes: {given['export']}", file=sys.stderr)
    return told


def _made(given: dict[str, Any]) -> Any:
    """The study that was asked for, made now or before."""
    from gansmith.cli.progress import LiveProgress
    from gansmith.judge.making import open_or_make
    from gansmith.judge.request import Request

    if given["against"] is None:
        raise InputError("name the real data: --against DATA")
    protocol = given["protocol"] or ("unlimited" if len(given["sources"]) == 1 else "pairs")
    same = ("sources", "against", "include_real", "trials", "images", "resolution", "seed", "title")
    request = Request(protocol=protocol, consent=_words(given["consent"]), **{name: given[name] for name in same})
    with LiveProgress() as progress:
        return open_or_make(request, given["study"], progress)


def _words(path: Path | None) -> str:
    try:
        return "" if path is None else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as text ({error}); name a text file with --consent") from error


def _votes(study: Any) -> tuple[list[Any], int]:
    from contextlib import closing

    from gansmith.judge.votes import Votes

    with closing(Votes(study.path, study.fingerprint)) as votes:
        return votes.all(), votes.joined()


def _told(study: Any, width: float | None) -> dict[str, Any]:
    """The results, written to the study's folder."""
    from gansmith.judge.found import leave_with_runs
    from gansmith.judge.page import write_page
    from gansmith.judge.results import results, write
    from gansmith.report.page import write_report

    votes, joined = _votes(study)
    told = results(study, votes, joined, width)
    write(study, told)
    print(f"page: {write_page(study, told, votes)}", file=sys.stderr)
    try:
        for copy in leave_with_runs(study, told):
            write_report(copy.parents[1])  # the run's page shows what people say
    except WorkError as error:  # somebody else's runs may be read-only; the study's own folder has it all
        print(f"a run did not get its copy: {error}", file=sys.stderr)
    return told


def _announce(study: Any, place: Any) -> None:
    print(f"study: {study.path}", file=sys.stderr)
    for link in place.links:
        print(f"open:  {link}", file=sys.stderr)
    print(f"Ctrl-C ends it; go on later with: gansmith judge --study {study.path}", file=sys.stderr, flush=True)


def _refuse_others(given: dict[str, Any], allowed: tuple[str, ...], why: str) -> None:
    """An option that would be ignored misleads."""
    for name, parameter in inspect.signature(judge).parameters.items():
        default = () if name == "sources" else parameter.default
        if name not in allowed and given[name] != default:
            flag = "a source" if name == "sources" else "--" + name.replace("_", "-")
            raise InputError(f"{why}, so {flag} has no place here; leave it out")


def print_results(told: dict[str, Any]) -> None:
    """The summary, the scores as a table, and what should be known about them."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    console.print(Text(told["summary"]))
    table = Table(box=box.SIMPLE_HEAD)
    for head in ("contender", told["measure"], "95 % interval", "votes"):
        table.add_column(head, justify="left" if head == "contender" else "right")
    digits = 0 if told["measure"] == "threshold-ms" else 3
    for name, score in told["scores"].items():
        ends = [score["low"], score["high"]]
        span = "" if None in ends else " to ".join(f"{end:.{digits}f}" for end in ends)
        table.add_row(Text(name), f"{score['value']:.{digits}f}", span, f"{score['votes']:,}")
    if told["scores"]:
        console.print(table)
    for note in [*told["notes"], *_still_needed(told)]:
        console.print(Text(note))


def _still_needed(told: dict[str, Any]) -> list[str]:
    needs = told["needs"]
    if needs is None:
        return []
    if needs["pictures"]:
        return [f"An interval of {needs['width']:g} is out of reach with these pictures; make a study with more."]
    if needs["votes"] is None:
        return ["With fewer than five raters it is too early to say how many votes are missing."]
    if not needs["votes"]:
        return [f"The intervals are narrower than {needs['width']:g} already."]
    missing = f"about {needs['votes']:,} more votes, from {needs['raters']} more raters"
    return [f"For an interval of {needs['width']:g}, {missing}."]
