"""What a request must be before anything looks at it: for this host, with the token, small, and from this page."""

import asyncio
import hmac
import ipaddress
import json
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY = 2_048
BODY_SECONDS = 10.0
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class RefusedError(Exception):
    """The request is turned away: a status and a line."""

    def __init__(self, status: int, line: str, location: str = ""):
        super().__init__(line)
        self.status, self.line, self.location = status, line, location


class Guard:
    """An ASGI application around another.

    Args:
        app: what is guarded.
        lan: whether other machines may come; then the address may be any of this machine's, and only then is there
            a token.
        token: the first part of every path; None for none. It is compared in constant time and taken off.
    Check: another Host, another Origin, a missing or wrong token, a body over 2 kB (announced or not), another method
        or content type never reach the app.
    """

    def __init__(self, app: App, *, lan: bool = False, token: str | None = None):
        self.app, self.lan, self.token = app, lan, token
        self.names = {*LOOPBACK, *_own_names()} if lan else set(LOOPBACK)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        try:
            scope, body = self._admitted(scope), await self._body(scope, receive)
        except RefusedError as refused:
            await _answer(send, refused)
            return
        await self.app(scope, _once(body, receive), _with_headers(send))

    def _admitted(self, scope: Scope) -> Scope:
        headers = _headers(scope)
        host = headers.get("host", "")
        if not self._is_ours(host):
            raise RefusedError(421, "this page is not served under that name")
        scope = self._without_token(scope)
        if scope["method"] not in ("GET", "POST"):
            raise RefusedError(405, "only GET and POST")
        if scope["method"] == "POST":
            origin = headers.get("origin")
            if origin is not None and origin.partition("://")[2] != host:
                raise RefusedError(403, "this came from another page")
            if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
                raise RefusedError(415, "send application/json")
        return scope

    def _is_ours(self, host: str) -> bool:
        """By name, not by port, so that a tunnel works. On the LAN any address will do: rebinding needs a name."""
        name = _name_of(host)
        return name in self.names or (self.lan and _is_address(name))

    def _without_token(self, scope: Scope) -> Scope:
        if self.token is None:
            return scope
        first, slash, rest = scope["path"].removeprefix("/").partition("/")
        if not hmac.compare_digest(first.encode(), self.token.encode()):
            raise RefusedError(404, "not found; ask for the whole link")
        if not slash:
            raise RefusedError(308, "the link ends with a slash", location=f"/{self.token}/")
        return {**scope, "path": "/" + rest, "raw_path": ("/" + rest).encode()}

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        announced = _headers(scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > LARGEST_BODY:
            raise RefusedError(413, "too large")
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await _read(receive)
        except TimeoutError:
            raise RefusedError(408, "too slow") from None


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise RefusedError(400, "went away")
        body, more = body + message.get("body", b""), message.get("more_body", False)
        if len(body) > LARGEST_BODY:
            raise RefusedError(413, "too large")
    return body


def _once(body: bytes, receive: Receive) -> Receive:
    """The body that was read, then whatever comes after it."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> MutableMapping[str, Any]:
        return waiting.pop() if waiting else await receive()

    return again


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *HEADERS]}
        await send(message)

    return sending


async def _answer(send: Send, refused: RefusedError) -> None:
    body = json.dumps({"error": refused.line}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if refused.status in (408, 413):
        headers.append((b"connection", b"close"))
    if refused.location:
        headers.append((b"location", refused.location.encode()))
    await send({"type": "http.response.start", "status": refused.status, "headers": [*headers, *HEADERS]})
    await send({"type": "http.response.body", "body": body})


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _name_of(host: str) -> str:
    """A Host header without its port. Check: [::1]:80 -> ::1, a.b:80 -> a.b."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _own_names() -> set[str]:
    name = socket.gethostname().lower()
    return {name, f"{name}.local", f"{name.partition('.')[0]}.local"}
