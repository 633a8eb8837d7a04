"""A study's page in a process of its own, as a user has it, and a rater that talks to it without a browser."""

import contextlib
import http.client
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-c", "from gansmith.cli.app import main; main()", "judge"]


class Page:
    """A running ``gansmith judge --study``; ``link`` is what it announced."""

    def __init__(self, study: Path, *options: str):
        self.process = subprocess.Popen([*COMMAND, "--study", str(study), *options], stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        said = []
        for line in self.process.stderr:
            said.append(line)
            if line.startswith("Ctrl-C"):
                break
        self.said = "".join(said)
        links = re.findall(r"open: +(\S+)", self.said)
        assert links, self.said
        self.link = links[-1]  # the loopback one comes last
        self.port = int(self.link.split(":")[2].split("/")[0])

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send a signal, wait, and tell the exit code."""
        self.process.send_signal(number)
        assert self.process.stderr is not None
        self.process.stderr.read()
        self.process.stderr.close()
        return self.process.wait(20)


@contextlib.contextmanager
def page_of(study: Path, *options: str) -> Iterator[Page]:
    page = Page(study, *options)
    try:
        yield page
    finally:
        if page.process.poll() is None:
            page.stop(signal.SIGKILL)


class Rater:
    """One browser's worth of requests over one connection."""

    def __init__(self, port: int, prefix: str = "/"):
        self.connection, self.prefix, self.cookie = (
            http.client.HTTPConnection("127.0.0.1", port, timeout=20),
            prefix,
            "",
        )

    def ask(self, path: str, sent: Any = None) -> tuple[int, Any]:
        """Status and JSON; a GET without ``sent``."""
        headers = {"content-type": "application/json"} | ({"cookie": self.cookie} if self.cookie else {})
        body = None if sent is None else json.dumps(sent)
        self.connection.request("GET" if sent is None else "POST", self.prefix + path, body, headers)
        reply = self.connection.getresponse()
        content = reply.read()
        given = reply.getheader("set-cookie")
        if given:
            self.cookie = given.partition(";")[0]
        return reply.status, json.loads(content) if reply.getheader("content-type") == "application/json" else content
