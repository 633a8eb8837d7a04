"""The page's server: what it refuses, that it forgets nothing when it is killed, and who may come."""

import asyncio
import contextlib
import http.client
import json
import re
import shutil
import signal
import socket
import sys
import threading
import time

import pytest
from simulated import Memory

from gansmith.cli.app import run
from gansmith.judge.booth import Booth
from gansmith.judge.study import load
from gansmith.judge.votes import FILE, Votes

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

import uvicorn
from served import Rater, page_of

from gansmith.judge.connections import Connection
from gansmith.judge.guard import LARGEST_BODY
from gansmith.judge.web import application

JSON = {"content-type": "application/json"}


def call(app, path="/", sent=None, *, host="127.0.0.1:80", method=None, headers=None, body=None):
    """One request to an ASGI application: status, headers, body."""
    content = body if body is not None else b"" if sent is None else json.dumps(sent).encode()
    headers = {"host": host, **(JSON if content else {}), **(headers or {})}
    method = method or ("POST" if content else "GET")
    scope = {"type": "http", "http_version": "1.1", "scheme": "http", "method": method, "query_string": b""}
    scope |= {"path": path, "raw_path": path.encode(), "root_path": "", "client": ("127.0.0.1", 1), "server": ("x", 80)}
    scope["headers"] = [(name.encode(), value.encode()) for name, value in headers.items()]
    told = []

    async def send(message):
        told.append(message)

    parts = [content[at : at + 1024] for at in range(0, len(content), 1024)] or [b""]

    async def receive():
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    asyncio.run(app(scope, receive, send))
    given = {name.decode(): value.decode() for name, value in told[0]["headers"]}
    return told[0]["status"], given, b"".join(message.get("body", b"") for message in told[1:])


@pytest.fixture
def app(alone):
    return application(Booth(alone, Memory()))


@pytest.fixture
def place(alone, tmp_path):
    """A study's folder that a server may write to."""
    shutil.copytree(alone.path, tmp_path / "study")
    return tmp_path / "study"


# --- what is refused


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 200),
        ({"host": "localhost"}, 200),
        ({"host": "[::1]:8000"}, 200),
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example"}, 421),
        ({"host": "192.168.1.7"}, 421),
        ({"host": ""}, 421),
        ({"method": "PUT"}, 405),
        ({"path": "/assets/../web.py"}, 404),
        ({"path": "/pictures/unknown"}, 404),
        ({"path": "/openapi.json"}, 404),
        ({"path": "/api/join", "sent": {}, "headers": {"origin": "http://evil.example"}}, 403),
        ({"path": "/api/join", "sent": {}, "headers": {"origin": "null"}}, 403),
        ({"path": "/api/join", "sent": {}, "headers": {"content-type": "text/plain"}}, 415),
        ({"path": "/api/join", "sent": {}, "headers": {"origin": "http://127.0.0.1:80"}}, 200),
        ({"path": "/api/join", "body": b"x" * (LARGEST_BODY + 1)}, 413),
        ({"path": "/api/join", "sent": {}, "headers": {"content-length": "999999999"}}, 413),
        ({"path": "/api/join", "sent": {}, "headers": {"content-length": "-1"}}, 413),
        ({"path": "/api/join", "body": b"{"}, 400),
        ({"path": "/api/join", "sent": {"name": "Ada"}}, 400),
        ({"path": "/api/vote", "sent": {"position": 0, "pictures": ["a"], "answer": 1, "response_ms": 500}}, 403),
    ],
)
def test_what_reaches_the_page(app, asked, status):
    assert call(app, **asked)[0] == status


def test_a_vote_must_be_one(app):
    _, headers, body = call(app, "/api/join", {})
    shown = json.loads(body)["trial"]["pictures"]
    known = {"cookie": headers["set-cookie"].partition(";")[0]}
    assert "HttpOnly" in headers["set-cookie"] and "SameSite=strict" in headers["set-cookie"]
    good = {"position": 0, "pictures": shown, "answer": 1, "response_ms": 500.5}
    for change in (
        {"answer": 2},
        {"answer": "1"},
        {"position": -1},
        {"response_ms": -1},
        {"response_ms": None},
        {"x": 1},
        {"pictures": []},
        {"pictures": ["x" * 33]},
    ):
        assert call(app, "/api/vote", good | change, headers=known)[0] == 400, change
    assert call(app, "/api/vote", body=b'{"position":0,"answer":1,"response_ms":NaN}', headers=known)[0] == 400
    assert call(app, "/api/vote", good | {"position": 3}, headers=known)[0] == 409
    assert call(app, "/api/vote", good | {"pictures": ["other"]}, headers=known)[0] == 409
    status, headers, body = call(app, "/api/vote", good, headers=known)
    assert status == 200 and json.loads(body)["position"] == 1
    assert headers["set-cookie"].startswith(known["cookie"]), "it lasts a month from the last vote"


def test_every_picture_looks_the_same_from_outside(app, alone):
    told = {json.dumps(call(app, f"/pictures/{name}")[1]) for name in alone.pictures}
    assert len(told) == 1 and "content-security-policy" in told.pop()


def test_the_page_loads_nothing_from_elsewhere(app):
    page = call(app)[2].decode()
    assert "http" not in page and "<script>" not in page and "style=" not in page


def test_the_token_opens_the_door(alone):
    app = application(Booth(alone, Memory()), lan=True, token="secret")
    assert call(app, "/secret/", host="192.168.1.7:8000")[0] == 200
    assert call(app, "/secret/", host="evil.example")[0] == 421
    assert call(app, "/secret")[1]["location"] == "/secret/"
    for path in ("/", "/api/state", "/wrong/", "/secretly/", "/assets/judge.js"):
        assert call(app, path, host="192.168.1.7")[0] == 404
    assert "Path=/;" in call(app, "/secret/api/join", {})[1]["set-cookie"] + ";"


# --- as a user has it


def answers(rater, until):
    """Vote until so many are stored; what the server says at the end."""
    standing = rater.ask("api/state")[1]
    while standing["trial"] and standing["position"] < until:
        sent = {"position": standing["position"], "pictures": standing["trial"]["pictures"]}
        sent |= {"answer": standing["position"] % 2, "response_ms": 800}
        status, standing = rater.ask("api/vote", sent)
        assert status == 200
    return standing


def test_kill_9_and_go_on(place):
    """The server is killed while five raters vote. Afterwards each goes on, with the same link, where it stood."""
    heard = {}
    with page_of(place) as page:
        raters = [Rater(page.port) for _ in range(5)]
        for rater in raters:
            assert rater.ask("api/join", {})[0] == 200

        def vote(number, rater):
            try:
                for until in range(1, 31):
                    heard[number] = answers(rater, until)["position"]
            except (OSError, ValueError, AssertionError, http.client.HTTPException):
                pass

        threads = [threading.Thread(target=vote, args=pair) for pair in enumerate(raters)]
        for one in threads:
            one.start()
        while len(heard) < 5 or min(heard.values()) < 4:
            time.sleep(0.01)
        page.stop(signal.SIGKILL)
        for one in threads:
            one.join()
    with page_of(place) as again:
        assert again.port == page.port
        for number, rater in enumerate(raters):
            back = Rater(again.port)
            back.cookie = rater.cookie
            position = back.ask("api/state")[1]["position"]
            assert heard[number] <= position <= heard[number] + 1
            assert answers(back, 99)["trial"] is None
        assert again.stop() == 0
    assert (place / "results.json").is_file() and (place / "results.html").is_file()
    study = load(place)
    votes = Votes(place, study.fingerprint)
    assert [(vote.rater, vote.position) for vote in votes.all()] == [(r, p) for r in range(5) for p in range(34)]
    votes.close()


def test_one_server_on_loopback(place, capfd):
    with page_of(place) as page:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", page.link)
        assert _bound(page.port) == {"0100007F"}, "nothing listens elsewhere unless it is asked for"
        assert run(["judge", "--study", str(place)]) == 2
        assert "is open already" in capfd.readouterr().err
        other = place.with_name("other")
        shutil.copytree(place, other, ignore=shutil.ignore_patterns("votes.sqlite*"))
        assert run(["judge", "--study", str(other), "--port", str(page.port)]) == 2
        assert f"port {page.port} is taken" in capfd.readouterr().err


def test_idle_connections_are_closed(alone, monkeypatch):
    """Who asks for nothing, or for half of something, or half of a second thing, does not stay; others go on."""
    monkeypatch.setattr(Connection, "patience_seconds", 0.2)
    with served_here(alone) as port:
        half = b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        idle = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(3)]
        idle[1].sendall(half)
        idle[2].sendall(half + b"\r\n" + half)
        rater = Rater(port)
        for _ in range(4):
            assert rater.ask("api/state")[0] == 200
            time.sleep(0.25)
        for one in idle:
            with contextlib.suppress(ConnectionResetError), one:
                while one.recv(65_536):
                    pass


def test_one_address_cannot_take_all(alone, monkeypatch):
    """On the network; this machine itself may come as often as it likes."""
    monkeypatch.setattr("gansmith.judge.connections.MOST_OF_ONE_ADDRESS", 2)
    transports = [Transport(address) for address in ["10.0.0.1"] * 3 + ["10.0.0.2"] + ["127.0.0.1"] * 3]

    async def come():
        state, config = uvicorn.server.ServerState(), uvicorn.Config(application(Booth(alone, Memory())))
        config.load()
        for transport in transports:
            Connection(config=config, server_state=state, app_state={}).connection_made(transport)

    asyncio.run(come())
    assert [one.gone for one in transports] == [False, False, True, False, False, False, False]


class Transport:
    """Of a connection from an address."""

    gone = False

    def __init__(self, address):
        self.address = address

    def get_extra_info(self, name, default=None):
        return (self.address, 1) if name == "peername" else default

    def is_closing(self):
        return self.gone

    def abort(self):
        self.gone = True


@contextlib.contextmanager
def served_here(study):
    """The page as ``serve`` has it, in a thread."""
    server = uvicorn.Server(
        uvicorn.Config(application(Booth(study, Memory())), port=0, log_level="critical", http=Connection)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.02)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def test_a_shared_page_needs_the_whole_link(place):
    """Which stays the same."""
    with page_of(place, "--share-on-lan") as page:
        prefix = "/" + page.link.split("/", 3)[3]
        assert len(prefix) > 20 and _bound(page.port) == {"00000000"}
        assert Rater(page.port).ask("")[0] == 404 and Rater(page.port, prefix).ask("")[0] == 200
        assert page.stop(signal.SIGTERM) == 0
    with page_of(place, "--share-on-lan") as again:
        assert again.link == page.link


def _bound(port):
    """The addresses at which this machine listens on a port, in hexadecimal (Linux)."""
    try:
        with open("/proc/net/tcp") as table:
            rows = [line.split() for line in table][1:]
    except OSError:
        pytest.skip("no /proc/net/tcp to look at")
    return {
        address
        for address, _, found in (row[1].partition(":") for row in rows if row[3] == "0A")
        if int(found, 16) == port
    }


def test_votes_of_another_study_stay(place, pairs, capfd):
    """A database copied into the wrong folder: one line, and the file is as it was."""
    Votes(place, pairs.fingerprint, create=True).close()
    before = (place / FILE).read_bytes()
    for words in (["--study"], ["--results"]):
        assert run(["judge", *words, str(place)]) == 2
        said = capfd.readouterr().err
        assert "holds the votes of another study" in said and said.count("\n") == 1
    assert (place / FILE).read_bytes() == before and not (place / "results.json").exists()


def test_without_the_extra(place, capfd, monkeypatch):
    monkeypatch.setitem(sys.modules, "fastapi", None)
    assert run(["judge", "--study", str(place)]) == 2
    assert "pip install 'gansmith[judge]'" in capfd.readouterr().err
    assert run(["judge", "--results", str(place)]) == 2
    assert "no votes yet" in capfd.readouterr().err
