"""The page's server: a FastAPI application around a booth."""

from typing import Annotated, Any, Literal

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from jinja2 import Environment
from pydantic import BaseModel, ConfigDict, Field

from gansmith.core.errors import WorkError
from gansmith.core.files import asset
from gansmith.judge import staircase, words
from gansmith.judge.booth import Booth, OutOfTurnError
from gansmith.judge.guard import App, Guard

COOKIE = "gansmith_rater"
A_MONTH = 30 * 24 * 3600
LONGEST_MS = 24 * 3600 * 1000.0
ASSETS = {"judge.js": "text/javascript", "judge.css": "text/css"}

Milliseconds = Annotated[float, Field(ge=0, le=LONGEST_MS, allow_inf_nan=False)]


class Sent(BaseModel):
    """A vote as the page sends it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    position: Annotated[int, Field(ge=0, le=100_000)]
    pictures: Annotated[list[Annotated[str, Field(max_length=32)]], Field(min_length=1, max_length=2)]
    answer: Literal[0, 1]
    response_ms: Milliseconds
    shown_ms: Milliseconds | None = None


class Join(BaseModel):
    """A rater begins; ``anew`` where somebody else did on this device."""

    model_config = ConfigDict(extra="forbid", strict=True)

    anew: bool = False


def application(booth: Booth, *, lan: bool = False, token: str | None = None) -> App:
    """The guarded application: the page, its pictures, and three calls: state, join, vote."""
    web = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    cookie = f"{COOKIE}_{booth.study.id}"
    _pages(web, booth)
    _calls(web, booth, cookie)
    _complaints(web)
    return Guard(web, lan=lan, token=token)


def _pages(web: FastAPI, booth: Booth) -> None:
    study = booth.study
    page = _template("judge.html").render(
        study=study, said=words.said(study), minutes=words.minutes(study), times=staircase
    )
    assets = {name: asset("judge", name) for name in ASSETS}

    @web.get("/")
    def index() -> Response:
        return Response(page, media_type="text/html", headers={"cache-control": "no-cache"})

    @web.get("/assets/{name}")
    def file(name: str) -> Response:
        if name not in assets:
            return _complaint(404, "not found")
        return Response(assets[name], media_type=ASSETS[name], headers={"cache-control": "no-cache"})

    @web.get("/pictures/{name}")
    def picture(name: str) -> Response:
        """By opaque id; the same headers and the same number of bytes for every picture."""
        if name not in study.pictures:
            return _complaint(404, "not found")
        content = study.file(name).read_bytes()
        return Response(content, media_type="image/png", headers={"cache-control": "private, max-age=86400"})


def _calls(web: FastAPI, booth: Booth, cookie: str) -> None:
    def secret(request: Request) -> str:
        return request.cookies.get(cookie, "")

    def known(told: Any, given: str) -> Response:
        """The answer, and the cookie anew: it lasts a month from the last vote."""
        response = _fresh(told)
        response.set_cookie(cookie, given, max_age=A_MONTH, path="/", httponly=True, samesite="strict")
        return response

    @web.get("/api/state")
    def state(request: Request) -> Response:
        return _fresh(booth.state(secret(request)) or {"stranger": True})

    @web.post("/api/join")
    def join(request: Request, sent: Join) -> Response:
        given = secret(request)
        standing = None if sent.anew else booth.state(given)
        if standing is None:
            given = booth.join()
            standing = booth.state(given)
        return known(standing, given)

    @web.post("/api/vote")
    def vote(request: Request, sent: Sent) -> Response:
        given = secret(request)
        told = booth.vote(given, sent.position, sent.pictures, sent.answer, sent.response_ms, sent.shown_ms)
        return known(told, given) if told else _complaint(403, "this browser has not joined")


def _complaints(web: FastAPI) -> None:
    @web.exception_handler(RequestValidationError)
    def malformed(_request: Request, _error: RequestValidationError) -> Response:
        return _complaint(400, "not a vote")

    @web.exception_handler(OutOfTurnError)
    def out_of_turn(_request: Request, error: OutOfTurnError) -> Response:
        return _complaint(409, str(error))

    @web.exception_handler(WorkError)
    def failed(_request: Request, _error: WorkError) -> Response:
        return _complaint(503, "the vote could not be stored")


def _fresh(told: Any) -> JSONResponse:
    return JSONResponse(told, headers={"cache-control": "no-store"})


def _complaint(status: int, line: str) -> Response:
    return JSONResponse({"error": line}, status)


def _template(name: str) -> Any:
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(asset("judge", name))
