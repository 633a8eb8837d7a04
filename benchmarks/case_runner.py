"""Cases of a benchmark, each in a process of its own on one thread, several at a time, until all have a result."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


def run_cases(script: str, cases: Mapping[str, Sequence[str]], results: Path, logs: Path, workers: int) -> None:
    """Call ``script case ARGUMENTS`` for every case that has no ``results/NAME.json`` yet.

    Args:
        script: the benchmark's file.
        cases: name -> arguments.
        results, logs: folders, of what a case leaves and of what it says.
        workers: processes at a time.
    """
    waiting = [name for name in cases if not (results / f"{name}.json").exists()]
    running: dict[str, subprocess.Popen] = {}
    while waiting or running:
        while waiting and len(running) < workers:
            name = waiting.pop(0)
            log = open(logs / f"{name}.log", "a")  # noqa: SIM115 - lives as long as the process
            command = [sys.executable, script, "case", *cases[name]]
            environment = os.environ | {"OMP_NUM_THREADS": "1"}
            running[name] = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
            print("started", name, flush=True)
        time.sleep(1)
        for name, process in list(running.items()):
            if process.poll() is not None:
                print("ended", name, process.returncode, flush=True)
                del running[name]
