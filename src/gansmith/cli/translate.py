"""``gansmith translate``: pictures through a trained translator."""

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from gansmith.cli.options import clean_stdout, positive, print_json
from gansmith.cli.progress import LiveProgress
from gansmith.core.errors import InputError


def translate(
    run: str,
    /,
    *inputs: str,
    out: Path | None = None,
    direction: Literal["a-to-b", "b-to-a"] = "a-to-b",
    variants: Annotated[int, Parameter(validator=positive)] = 1,
    seed: int = 0,
    background: str = "white",
    wrap: Literal["none", "columns", "both"] = "none",
    overwrite: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Translate pictures of any size with a run of the recipes paired, unpaired, superres or inpaint.

    Names and sizes are kept, and so is transparency; a picture lies as it is shown. Large ones are translated in tiles.

    Parameters
    ----------
    run
        A run folder.
    inputs
        Files, folders and patterns such as 'scans/*.png', one or several.
    out
        A folder; or a file, for one picture. Default: RUN/translated/.
    direction
        The way back too, where the run has learned it.
    variants
        So many answers for each picture, NAME-1, NAME-2 and so on.
    seed
        Another seed, other answers.
    background
        What transparent pictures are laid on before they are translated.
    wrap
        For pictures that go on at the opposite border: both for tiles of a texture, columns for panoramas.
    overwrite
        Replace what an earlier call wrote there.
    json
        Print one JSON object on stdout, and nothing else there.
    """
    if not inputs:
        raise InputError("name the pictures to translate: gansmith translate RUN FILE_OR_FOLDER")
    with clean_stdout(json), LiveProgress() as live:
        from gansmith.networks.translated import Translator
        from gansmith.recipes.translating.files import tasks, translate_files

        translator = Translator.from_pretrained(run)
        translator.module(direction)
        if variants > 1 and not translator.description["arguments"].get("latent"):
            raise InputError("this run gives one answer for each picture; leave --variants out")
        home = Path(run) if Path(run).is_dir() else Path(run).parent
        work = tasks(inputs, out, home)
        if not translator.local:
            live.message("This network takes statistics over the whole picture: tiles of large ones are approximate.")
        written = translate_files(
            translator,
            work,
            direction=direction,
            variants=variants,
            seed=seed,
            background=background,
            wrap=(wrap == "both", wrap != "none"),
            overwrite=overwrite,
            progress=live,
        )
    for name, reason in written.refused:
        print(f"passed over {name}: {reason}", file=sys.stderr)
    if json:
        print_json(
            {"run": run, "direction": direction, "files": written.files, "refused": [list(x) for x in written.refused]}
        )
    where = written.files[0].parent if len(written.files) > 1 else written.files[0]
    print(f"{len(written.files):,} pictures translated {direction}: {where}", file=sys.stderr)
