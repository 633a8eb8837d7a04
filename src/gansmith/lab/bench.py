"""The lab's bench: play the named experiments one after the other, keep what they find, write the page."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from gansmith.core.errors import InputError
from gansmith.engine.pace import threads_given_back
from gansmith.lab import EXPERIMENTS, results
from gansmith.lab.experiment import Experiment, Setting
from gansmith.lab.page import write_page
from gansmith.lab.rows import Row
from gansmith.report.words import duration


def chosen(names: Sequence[str], minutes: float | None = None) -> dict[str, Experiment]:
    """The experiments of these names; without names all that are not long, in the page's order.

    Raises: InputError: for a name that is none, and for minutes where nothing takes them.
    """
    asked = {name: EXPERIMENTS.get(name) for name in names or EXPERIMENTS.names}
    if not names:
        quick = {name: experiment for name, experiment in asked.items() if not experiment.long}
        asked = dict(sorted(quick.items(), key=lambda item: item[1].chapter))
    if minutes is not None and not any(experiment.long for experiment in asked.values()):
        long = [name for name in EXPERIMENTS.names if EXPERIMENTS.get(name).long]
        raise InputError(f"--minutes is for what trains long; name one of: {', '.join(long)}")
    return asked


def run(experiments: dict[str, Experiment], setting: Setting) -> tuple[list[Row], Path]:
    """Play them; all their rows, and the page's path.

    What an experiment found is kept, and the page written anew, before the next one begins.
    Raises: InputError: the folder's name is a file's. WorkError: the disk is full, or a game became NaN.
    """
    if setting.out.exists() and not setting.out.is_dir():
        raise InputError(f"{setting.out} is a file; name another folder with --out")
    rows: list[Row] = []
    page = setting.out / "index.html"
    for name, experiment in experiments.items():
        began = time.perf_counter()
        with threads_given_back():
            torch.set_num_threads(1)  # layers of 64 units take longer to share out than to compute
            outcome = experiment.play(replace(setting, minutes=setting.minutes if experiment.long else None))
        seconds = time.perf_counter() - began
        kept = results.keep(setting.out, name, outcome, seconds, setting.seed)
        page = write_page(setting.out)
        held = sum(row.holds for row in kept.rows)
        setting.progress.finish()
        setting.progress.message(f"{name}: {held} of {len(kept.rows)} rows hold ({duration(seconds)})")
        rows += kept.rows
    return rows, page
