"""The page on this machine's loopback, or on its network: bound, announced, run until Ctrl-C."""

import contextlib
import errno
import secrets
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from gansmith.core.errors import InputError
from gansmith.judge.booth import Booth
from gansmith.judge.study import Study
from gansmith.judge.votes import Votes

try:
    import fcntl
except ImportError:  # where there is none, two servers of one study are the user's own affair
    fcntl = None  # type: ignore[assignment]

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"
AT_ONCE = 1024
KEEP_ALIVE_SECONDS = 30
SHUTDOWN_SECONDS = 3


@dataclass(frozen=True)
class Place:
    """Where the page is.

    Attributes:
        port: that was bound.
        links: to give to raters.
    """

    port: int
    links: list[str]


def check_installed() -> None:
    """Raises: InputError: what the page needs is not there; the line names the extra."""
    try:
        import fastapi  # noqa: F401
        import jinja2  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise InputError(f"the page needs {error.name}; install it with: pip install 'gansmith[judge]'") from error


def serve(study: Study, announce: Callable[[Place], None], *, port: int | None = None, lan: bool = False) -> None:
    """Serve a study until the process is told to stop (SIGINT or SIGTERM); votes are stored as they come.

    Args:
        announce: is told where, once the page can be opened.
        port: of one's own choice; otherwise the one of the last time where it is free, else any.
        lan: bind all of this machine's addresses, behind a random token in the link.
    Raises: InputError: the extra is missing, the port is taken, the votes are another study's, or somebody else
        serves this study.
    """
    check_installed()
    import uvicorn

    from gansmith.judge.connections import Connection
    from gansmith.judge.web import application

    with _alone(study.path), contextlib.closing(Votes(study.path, study.fingerprint, create=True)) as votes:
        bound = _bind(port, votes.fact("port"), lan)
        token = _token(votes) if lan else None
        place = Place(bound.getsockname()[1], _links(bound.getsockname()[1], token))
        votes.remember("port", str(place.port))
        config = uvicorn.Config(
            application(Booth(study, votes), lan=lan, token=token),
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            http=Connection,
            ws="none",
            limit_concurrency=AT_ONCE,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        server = uvicorn.Server(config)
        with contextlib.closing(bound), _stopped_by_signals(server):
            bound.listen(AT_ONCE)
            announce(place)
            server.run(sockets=[bound])


@contextlib.contextmanager
def _stopped_by_signals(server: object) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the server and nothing else; by itself it would raise them again."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True  # type: ignore[attr-defined]

    server.capture_signals = contextlib.nullcontext  # type: ignore[attr-defined]
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One server for a study: what a rater has answered is kept in its memory too."""
    with open(folder / "serving.lock", "ab") as handle:
        _lock(handle, folder)
        yield


def _lock(handle: BinaryIO, folder: Path) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise InputError(f"the page of {folder} is open already; close that one first") from error


def _bind(port: int | None, before: str | None, lan: bool) -> socket.socket:
    """A bound socket: on the port that was asked for, on that of the last time, on a free one."""
    host = EVERYWHERE if lan else LOOPBACK
    if port is not None:
        try:
            return _bound(host, port)
        except (OSError, OverflowError) as error:
            why = "taken" if getattr(error, "errno", 0) == errno.EADDRINUSE else f"not to be had ({error})"
            raise InputError(f"port {port} is {why}; name another with --port, or none") from error
    if before is not None:
        with contextlib.suppress(OSError):
            return _bound(host, int(before))
    return _bound(host, 0)


def _bound(host: str, port: int) -> socket.socket:
    # The protocol is named because asyncio turns off Nagle's delay, 40 ms a picture, only where it is.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except (OSError, OverflowError):
        bound.close()
        raise
    return bound


def _token(votes: Votes) -> str:
    """The study's own, so that a link that was given out stays good."""
    token = votes.fact("token")
    if token is None:
        token = secrets.token_urlsafe(16)
        votes.remember("token", token)
    return token


def _links(port: int, token: str | None) -> list[str]:
    if token is None:
        return [f"http://{LOOPBACK}:{port}/"]
    return [f"http://{address}:{port}/{token}/" for address in dict.fromkeys([_own_address(), LOOPBACK])]


def _own_address() -> str:
    """The address by which this machine reaches others; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return LOOPBACK
