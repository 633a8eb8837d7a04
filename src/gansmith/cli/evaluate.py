"""``gansmith evaluate``: the evaluation card of a run, a folder of images, or an npz."""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from gansmith.cli.options import clean_stdout, image_count, print_json, registered
from gansmith.cli.progress import LiveProgress


def evaluate(
    source: Path,
    /,
    *,
    against: str | None = None,
    extractor: Annotated[
        list[str] | None,
        Parameter(
            negative=(),
            help="The network whose features are compared; repeat it for several: "
            f"{registered('networks/extractors')}, timm:MODEL, or your own as module:function. Default: lite0, and "
            "hed beside it for a run whose critic has looked through lite0's family.",
        ),
    ] = None,
    n: Annotated[int | None, Parameter(name=["-n", "--n"], converter=image_count)] = None,
    seed: int | None = None,
    split: Literal["train", "choose", "test", "all"] | None = None,
    labels: Literal["auto", "read", "none"] = "auto",
    usefulness: bool = True,
    out: Path | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Measure generated images by every metric they allow, each beside what as many real images get.

    Parameters
    ----------
    source
        A run folder, a folder of images of one size, or an npz with images, uint8, (n, height, width, channels).
    against
        The real data: a folder, a zip, IDX files, hf:NAME, or a built-in name. Default: a run's own.
    n
        Generated images. Default: as many as there are and the floor allows, at most 10,000.
    seed
        Of the generated images. Default: the run's own, which draws the images of its final score again.
    split
        The real images that scores are measured against. Default: test for a run on its own data; otherwise all.
    labels
        auto: those the images bring, else read off them by their neighbours; read: always read off; none.
    usefulness
        Train small classifiers on generated, real and both, where there are labels (about a minute and a half).
    out
        The folder for the card. Default: RUN/evaluations, else evaluations.
    json
        Print one JSON object on stdout, and nothing else there.
    """
    with clean_stdout(json), LiveProgress() as live:
        from gansmith.recipes.evaluating import evaluation
        from gansmith.report.card_files import FOLDER, keep, writable

        writable(out or (source / FOLDER if (source / "config.json").is_file() else Path(FOLDER)))
        asked = evaluation.Asked(
            source=source,
            against=against,
            extractors=extractor or (),
            n=n,
            seed=seed,
            split=split,
            labels=labels,
            usefulness=usefulness,
        )
        done = evaluation.evaluate(asked, live)
        path, replaced = keep(done.card, out)
        pages = _pages(done, path, out)
    if json:
        print_json(done.card)
    else:
        from gansmith.cli.evaluate_table import print_card

        print_card(done.card)
    said = "replaced the card of the same settings" if replaced else "card"
    print(f"{said}: {path}", *(f"page: {page}" for page in pages), sep="\n", file=sys.stderr)


def _pages(done: Any, path: Path, out: Path | None) -> list[Path]:
    """The run's page and model card anew where the card lies in the run; else a page of its own."""
    if done.card["source"]["kind"] == "run" and out is None:
        from gansmith.report.card import write_card
        from gansmith.report.page import write_report

        return [write(done.source.path) for write in (write_report, write_card)]
    from gansmith.report.card_page import write_card_page

    return [write_card_page(path, done.card, done.generated, done.real)]
