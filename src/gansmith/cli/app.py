"""The command line: the table of verbs, and what every verb does when it ends badly.

A verb's module is imported only when that verb is called, and none of them imports torch before it
works, so help stays instant.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from cyclopts import App, CycloptsError

from gansmith import __version__
from gansmith.core.errors import InputError, WorkError

DEBUG_VARIABLE = "GANSMITH_DEBUG"

VERBS = {
    "data": "What is in a folder of images, and what would be done with it.",
    "train": "Images in, a run folder out: the generator, pictures, a page that says how it went.",
    "sample": "Draw from a trained generator: PNG files, a grid, an npz.",
    "translate": "Pictures of any size through a trained translator: files, folders, several answers.",
    "evaluate": "The evaluation card: how far generated images are from real ones, and whether any are copied.",
    "doctor": "What is wrong with a training or a generator's pictures, the evidence, and what to change.",
    "report": "Write a run's page and model card anew.",
    "compare": "Several methods or runs in one table, under one protocol; trains them first where asked.",
    "judge": "People rate on a local page: real or generated, or which is better; the votes and what they say.",
    "lab": "The two-player game in one and two dimensions, theory beside measurement.",
}


def build() -> App:
    """The application with every verb registered by name, none of them imported."""
    app = App(
        name="gansmith",
        help="Train generative adversarial networks on your own images, on the machine you have.",
        help_epilogue="Start with: gansmith train avatars --minutes 3",
        version=__version__,
        help_format="plaintext",
        print_error=False,
        exit_on_error=False,
        suppress_keyboard_interrupt=False,
        result_action="return_value",
    )
    for verb, summary in VERBS.items():
        app.command(f"gansmith.cli.{verb}:{verb}", name=verb, help=summary)
    return app


def run(tokens: Sequence[str] | None = None) -> int:
    """Play one command line and return its exit code: 0, 1, 2 or 130."""
    try:
        code = build()(sys.argv[1:] if tokens is None else list(tokens))
    except (Exception, KeyboardInterrupt) as error:
        return ended_badly(error)
    return code if isinstance(code, int) else 0


def ended_badly(error: BaseException) -> int:
    """Say on stderr in one line what went wrong; the exit code that belongs to it.

    Check: wrong input is 2, failed work 1, an interrupt 130; GANSMITH_DEBUG=1 adds the traceback.
    """
    debug = os.environ.get(DEBUG_VARIABLE, "") not in ("", "0")
    if debug:
        traceback.print_exception(error)
    if isinstance(error, KeyboardInterrupt):
        return _say(str(error) or "interrupted", 130)
    if isinstance(error, (InputError, CycloptsError)):
        return _say(str(error), 2)
    if isinstance(error, WorkError):
        return _say(str(error), 1)
    hint = "" if debug else f" (set {DEBUG_VARIABLE}=1 for the traceback)"
    return _say(f"{type(error).__name__}: {error}{hint}", 1)


def _say(text: str, code: int) -> int:
    print("gansmith:", " ".join(text.split()), file=sys.stderr)
    return code


def main() -> NoReturn:
    """The console script."""
    sys.exit(run())
