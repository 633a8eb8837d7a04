"""``gansmith report``: write a run's page and model card anew."""

import sys
from pathlib import Path


def report(run: Path, /) -> None:
    """Write report.html and README.md of a run again, from what its folder holds.

    Parameters
    ----------
    run
        The run folder.
    """
    from gansmith.report.card import write_card
    from gansmith.report.page import write_report

    for path in (write_report(run), write_card(run)):
        print(path, file=sys.stderr)
