"""What the first minutes cost: memory, the first picture, the help page.

    python benchmarks/first_minutes.py

Trains avatars for two minutes in a process of its own and watches it: the peak of its private
(anonymous) memory, children included, and the time from prepared data to the first grid on the disk.
Then the wall time of both help pages, the fastest of seven. Results go to results/first_minutes.json.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "first_minutes.json"
GANSMITH = [sys.executable, "-m", "gansmith"]


def private_bytes(pid: int) -> int:
    """Anonymous memory of a process and its children, from smaps_rollup."""
    total = 0
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Anonymous:"))
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            total += private_bytes(int(child))
    except (FileNotFoundError, ProcessLookupError):
        pass
    return total


def watch_training(minutes: float) -> dict[str, float]:
    """Peak memory and the seconds until the first grid."""
    with tempfile.TemporaryDirectory() as place:
        run = Path(place) / "run"
        command = [*GANSMITH, "train", "avatars", "--minutes", str(minutes), "--out", str(run)]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        peak, ready, grid = 0, None, None

        def listen() -> None:
            nonlocal ready
            assert process.stderr is not None
            for line in process.stderr:
                if "Measuring the pace" in line:
                    ready = time.perf_counter()

        threading.Thread(target=listen, daemon=True).start()
        while process.poll() is None:
            peak = max(peak, private_bytes(process.pid))
            if grid is None and any((run / "samples").glob("*.png")):
                grid = time.perf_counter()
            time.sleep(0.1)
        assert process.returncode == 0 and ready is not None and grid is not None
        return {"peak_private_gb": round(peak / 1e9, 3), "first_grid_seconds": round(grid - ready, 1)}


def help_seconds(*arguments: str) -> float:
    """Wall seconds of a help page, the fastest of seven."""
    times = []
    for _ in range(7):
        began = time.perf_counter()
        subprocess.run([*GANSMITH, *arguments], check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return round(min(times), 3)


def main() -> None:
    """Measure and write."""
    result = watch_training(2.0)
    result |= {"help_seconds": help_seconds("--help"), "train_help_seconds": help_seconds("train", "--help")}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"command": "python benchmarks/first_minutes.py", **result}, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
