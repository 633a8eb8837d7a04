"""Fifty raters at the page of ``gansmith judge`` at the same time: is a vote lost or doubled, and how fast is the page?

    python benchmarks/judge_load.py                 # about a minute and a half
    python benchmarks/judge_load.py --raters 200 --trials 20

Each rater is a thread with a connection of its own to a server in another process. It opens the page and its files,
joins, and for every question fetches the pictures that come next and votes. One vote in ten is sent again, as a page
does that lost the reply: half of these without waiting for it, the connection cut. There are two rounds, each on a new
study: raters who take half a second to one and a half for each answer, and raters who take no time at all.
Afterwards every vote that was answered for is looked up in the database.
"""

import argparse
import contextlib
import http.client
import json
import os
import platform
import random
import re
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

RESULT = Path(__file__).parent / "results" / "judge_load.json"
SIDE, PICTURES = 64, 130
FILES = ("", "assets/judge.js", "assets/judge.css", "api/state")
AGAIN = 0.1
TARGET_MS = 100
JUDGE = [sys.executable, "-m", "gansmith", "judge"]


class Rater(threading.Thread):
    """One visit. ``stood`` is what the server said it stored, by position; ``took`` are times in ms, by kind."""

    def __init__(self, port: int, number: int, pause: tuple[float, float], start: threading.Barrier):
        super().__init__()
        self.port, self.rng, self.pause, self.start_line = port, random.Random(number), pause, start
        self.connection, self.cookie, self.fault = http.client.HTTPConnection("127.0.0.1", port), "", None
        self.took: dict[str, list[float]] = {"page": [], "picture": [], "vote": []}
        self.stood: dict[int, int] = {}
        self.repeated = 0

    def run(self) -> None:
        try:
            self.start_line.wait()
            self.visit()
        except Exception as error:
            self.fault = repr(error)

    def visit(self) -> None:
        for file in FILES:
            self.ask("page", file)
        standing, fetched = json.loads(self.ask("page", "api/join", {})), set()
        while standing["trial"]:
            for name in [*standing["trial"]["pictures"], *standing["ahead"]]:
                if name not in fetched:
                    self.ask("picture", f"pictures/{name}")
                    fetched.add(name)
            time.sleep(self.rng.uniform(*self.pause))
            sent = {"position": standing["position"], "pictures": standing["trial"]["pictures"]}
            sent |= {"answer": self.rng.randrange(2), "response_ms": 900.0}
            if self.rng.random() < AGAIN:
                self.repeated += 1
                self.lose(sent) if self.rng.random() < 0.5 else self.ask("vote", "api/vote", sent)
            standing = json.loads(self.ask("vote", "api/vote", sent))
            self.stood[sent["position"]] = sent["answer"]

    def ask(self, kind: str, path: str, sent: object = None) -> bytes:
        began = time.perf_counter()
        self.send(path, sent)
        reply = self.connection.getresponse()
        content = reply.read()
        self.took[kind].append(1000 * (time.perf_counter() - began))
        if reply.status != 200:
            raise RuntimeError(f"{path}: {reply.status} {content[:200]!r}")
        self.cookie = (reply.getheader("set-cookie") or self.cookie).partition(";")[0]
        return content

    def send(self, path: str, sent: object) -> None:
        headers = {"content-type": "application/json", "cookie": self.cookie}
        body = None if sent is None else json.dumps(sent)
        self.connection.request("GET" if sent is None else "POST", f"/{path}", body, headers)

    def lose(self, sent: object) -> None:
        self.send("api/vote", sent)
        self.connection.close()


def pictures(home: Path) -> list[str]:
    """What is judged and what is real: smooth noise, since nobody looks. The words that name them to ``judge``."""
    from PIL import Image

    def drawn(seed: int) -> np.ndarray:
        small = np.random.default_rng(seed).integers(0, 256, (PICTURES, 8, 8, 3), np.uint8)
        return np.stack([np.asarray(Image.fromarray(one).resize((SIDE, SIDE))) for one in small])

    np.savez(home / "drawn.npz", images=drawn(1))
    (home / "real").mkdir()
    for number, image in enumerate(drawn(2)):
        Image.fromarray(image).save(home / "real" / f"{number:03d}.png")
    return [str(home / "drawn.npz"), "--against", str(home / "real")]


@contextlib.contextmanager
def page(study: Path):
    """The server in a process of its own; its port."""
    server = subprocess.Popen([*JUDGE, "--study", str(study)], stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    said = ""
    for line in server.stderr:
        said += line
        if line.startswith("Ctrl-C"):
            break
    found = re.search(r"127\.0\.0\.1:(\d+)", said)
    if found is None:
        sys.exit(f"the page did not open: {said}")
    try:
        yield int(found.group(1))
    finally:
        server.send_signal(signal.SIGKILL)  # what is not on the disk by now is lost
        server.wait()


def round_of(study: Path, given: argparse.Namespace, pause: tuple[float, float]) -> dict:
    """All raters' visits to one study, and what became of their votes."""
    with page(study) as port:
        start = threading.Barrier(given.raters + 1)
        raters = [Rater(port, number, pause, start) for number in range(given.raters)]
        for rater in raters:
            rater.start()
        start.wait()
        began = time.perf_counter()
        for rater in raters:
            rater.join()
        seconds = time.perf_counter() - began
    with contextlib.closing(sqlite3.connect(study / "votes.sqlite")) as file:
        rows = file.execute("SELECT rater, position, answer FROM votes").fetchall()
        secrets = dict(file.execute("SELECT secret, number FROM raters").fetchall())
    stored: dict[tuple[int, int], list[int]] = {}
    for rater, position, answer in rows:
        stored.setdefault((rater, position), []).append(answer)
    heard = {(secrets[hashed(r.cookie)], at): answer for r in raters if r.cookie for at, answer in r.stood.items()}
    return {
        "pause_seconds": pause,
        "raters": given.raters,
        "seconds": round(seconds, 1),
        "votes": len(heard),
        "votes_per_second": round(len(heard) / seconds, 1),
        "sent_again": sum(rater.repeated for rater in raters),
        "lost": sum(key not in stored for key in heard),
        "doubled": sum(len(answers) - 1 for answers in stored.values()),
        "altered": sum(stored.get(key, [answer])[0] != answer for key, answer in heard.items()),
        "not_sent": sum(key not in heard for key in stored),
        "faults": [rater.fault for rater in raters if rater.fault],
        "ms": {kind: spread([ms for rater in raters for ms in rater.took[kind]]) for kind in raters[0].took},
    }


def hashed(cookie: str) -> str:
    """As the database keeps a rater's secret."""
    import hashlib

    return hashlib.blake2b(cookie.partition("=")[2].encode(), digest_size=16).hexdigest()


def spread(times: list[float]) -> dict:
    """Median and tails in ms."""
    cuts = statistics.quantiles(times, n=100)
    return {"n": len(times), **{f"p{at}": round(cuts[at - 1], 1) for at in (50, 95, 99)}, "most": round(max(times), 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--raters", type=int, default=50)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--out", type=Path, default=RESULT)
    given = parser.parse_args()
    rounds = {}
    with tempfile.TemporaryDirectory() as folder:
        words = pictures(Path(folder))
        for name, pause in {"at their own pace": (0.5, 1.5), "without a pause": (0.0, 0.0)}.items():
            study = Path(folder) / name.replace(" ", "-")
            subprocess.run([*JUDGE, *words, "--study", study, "--trials", str(given.trials), "--no-serve"], check=True)
            rounds[name] = round_of(study, given, pause)
            print(name, json.dumps(rounds[name], indent=1))
    kept = all(not (one["lost"] or one["doubled"] or one["altered"] or one["faults"]) for one in rounds.values())
    told = {
        "command": "python " + " ".join(["benchmarks/judge_load.py", *sys.argv[1:]]),
        "target": f"no vote lost, no vote doubled, the page answers in under {TARGET_MS} ms (median)",
        "no_vote_lost_doubled_or_altered": kept,
        "vote_median_ms_at_their_own_pace": rounds["at their own pace"]["ms"]["vote"]["p50"],
        "load_average_after": [round(load, 1) for load in os.getloadavg()],
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} processors",
        "rounds": rounds,
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(told, indent=1) + "\n")
    sys.exit(not kept)


if __name__ == "__main__":
    main()
