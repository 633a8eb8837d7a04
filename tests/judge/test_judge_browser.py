"""The page in a real browser: three raters whom the statistics tell apart, closed tabs, lost networks, phones."""

import contextlib
import random
import shutil
import threading

import numpy as np
import pytest
from simulated import Memory, guesser, same_key, truthful

from gansmith.judge.booth import Booth
from gansmith.judge.results import results
from gansmith.judge.staircase import MASK_MS, MOST_MS

pytest.importorskip("fastapi")
uvicorn = pytest.importorskip("uvicorn")
playwright = pytest.importorskip("playwright.sync_api", reason="needs pip install 'gansmith[browser]'")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LOOK_MS = 270  # a person needs longer; below 250 ms the statistics would say that nobody looked
PHONE = {"viewport": {"width": 360, "height": 640}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
KEYS = ("ArrowLeft", "ArrowRight")


@pytest.fixture(scope="module")
def chromium():
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"no browser found (looked for {', '.join(BROWSERS)})")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextlib.contextmanager
def served(study):
    """The page in a thread, with its votes in memory; the link, and the votes."""
    from gansmith.judge.web import application

    votes = Memory()
    config = uvicorn.Config(application(Booth(study, votes)), port=0, log_level="critical", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/", votes
    finally:
        server.should_exit = True
        thread.join()


class Visitor:
    """One rater at a browser: sees what the server says is due, and answers by key or by touch."""

    def __init__(self, browser, link, study, **device):
        self.study, self.link, self.touch, self.faults, self.standing = study, link, "has_touch" in device, [], None
        self.context = browser.new_context(**device)
        self.open()

    def open(self):
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda line: self.faults.append(line.text) if "Security" in line.text else None)
        self.page.on("response", self._hear)
        self.page.goto(self.link)

    def _hear(self, reply):
        if "/api/" in reply.url and reply.ok:
            with contextlib.suppress(playwright.Error):  # a tab that was closed meanwhile
                self.standing = reply.json()

    def press(self, words):
        button = self.page.get_by_role("button", name=words)
        button.tap() if self.touch else button.click()

    def ready(self):
        """Wait until an answer is due, over whatever words come first; False once the visit is over."""
        shown = "#answers button:enabled, #start:visible, #thanks:visible"
        self.page.wait_for_selector(shown)
        if self.page.is_visible("#start"):
            self.press("Begin")
            self.page.wait_for_selector("#answers button:enabled")
        return not self.page.is_visible("#thanks")

    def answer(self, answer):
        side = 1 - answer if self.standing["swapped"] else answer
        with self.page.expect_response("**/api/vote"):
            if self.touch:
                self.page.locator("#answers button").nth(side).tap()
            else:
                self.page.keyboard.press(KEYS[side])
                self.page.keyboard.press(KEYS[side])

    def fits(self):
        """Nothing lies outside the window, and fingers find the buttons."""
        window = self.page.viewport_size
        assert self.page.evaluate("[scrollX, document.documentElement.scrollWidth - innerWidth]") == [0, 0]
        boxes = [one.bounding_box() for one in self.page.locator("#answers button, #stage canvas").all()]
        for box in boxes:
            assert box["x"] >= 0 and box["x"] + box["width"] <= window["width"] + 1, (window, box)
            assert box["y"] >= 0 and box["y"] + box["height"] <= window["height"] + 1, (window, box)
            assert min(box["width"], box["height"]) >= 44
        lowest = max(box["y"] + box["height"] for box in boxes[:-2])
        assert lowest <= boxes[-1]["y"] + 1, "the picture lies on the buttons"


def test_three_raters_are_told_apart(chromium, alone):
    """Who tells the truth counts; who guesses (on a phone), and who always presses the same key, do not.

    The first closes the tab halfway and comes back. All keys are pressed twice.
    """
    policies = truthful(0.8), guesser, same_key
    with served(alone) as (link, votes):
        visitors = [Visitor(chromium, link, alone, **device) for device in ({}, PHONE, {})]
        for visitor in visitors:
            visitor.press("I agree")
        chances = [random.Random(number) for number in range(3)]
        for step in range(alone.numbers.practice + alone.numbers.checks + 20):
            assert [visitor.ready() for visitor in visitors] == [True] * 3
            visitors[0].page.wait_for_timeout(LOOK_MS)
            for number, (visitor, policy) in enumerate(zip(visitors, policies, strict=True)):
                given = policy(alone, visitor.standing["trial"], chances[number])
                if policy is same_key and visitor.standing["swapped"]:
                    given = 1 - given
                visitor.answer(given)
            if step == 14:
                visitors[0].page.close()
                visitors[0].open()
                assert "15 of 34 are done" in visitors[0].page.inner_text("#back")
                visitors[0].press("Go on")
        assert [visitor.ready() for visitor in visitors] == [False] * 3
        told = results(alone, sorted(votes.stored, key=lambda vote: (vote.rater, vote.position)), 3)
        visitors[1].press("Somebody else wants to rate")
        visitors[1].press("I agree")
        assert visitors[1].ready() and len(votes.secrets) == 4
        assert [visitor.faults for visitor in visitors] == [[], [], []]
    assert len(votes.stored) == 3 * 34 and told["raters"]["finished"] == 3
    assert told["raters"]["counted"] == 1, told["notes"]
    assert {gone["rater"]: gone["rule"] for gone in told["raters"]["excluded"]} == {2: "failed-checks", 3: "same-key"}
    assert told["scores"]["alpha"]["value"] < 0.5 and "1 rater, 20 votes" in told["summary"]


def test_a_lost_network_loses_no_vote(chromium, pairs):
    with served(pairs) as (link, votes):
        visitor = Visitor(chromium, link, pairs)
        visitor.press("I agree")
        visitor.ready()
        visitor.page.wait_for_timeout(LOOK_MS)
        visitor.context.set_offline(True)
        visitor.page.keyboard.press("f")
        visitor.page.wait_for_selector("#trouble:visible")
        assert "trying again" in visitor.page.inner_text("#trouble")
        visitor.context.set_offline(False)
        visitor.page.wait_for_selector("#said.right, #said.wrong")
        assert not visitor.page.is_visible("#trouble")
        assert [(vote.position, vote.answer) for vote in votes.stored] == [(0, 0)] and not visitor.faults


PRACTISED = """async () => {
  let told = await (await fetch("api/state")).json();
  while (told.position < told.practice) {
    const vote = { position: told.position, pictures: told.trial.pictures, answer: 1, response_ms: 900 };
    const headers = { "content-type": "application/json" };
    told = await (await fetch("api/vote", { method: "POST", headers, body: JSON.stringify(vote) })).json();
  }
}"""


def main_trial(visitor):
    """To a question that gets no feedback; the practice is done without looking."""
    visitor.press("I agree")
    visitor.ready()
    visitor.page.evaluate(PRACTISED)
    visitor.page.reload()
    visitor.press("Go on")
    visitor.ready()
    visitor.page.wait_for_timeout(LOOK_MS)


@pytest.mark.parametrize("gap_ms", [250, 320])
def test_a_double_click_is_one_vote(chromium, alone, gap_ms):
    with served(alone) as (link, votes):
        visitor = Visitor(chromium, link, alone)
        main_trial(visitor)
        mouse, box = visitor.page.mouse, visitor.page.locator("#answers button").first.bounding_box()
        mouse.click(box["x"] + 20, box["y"] + 20)
        visitor.page.wait_for_timeout(gap_ms)
        mouse.down(click_count=2)
        mouse.up(click_count=2)
        visitor.page.wait_for_timeout(300)
        assert len(votes.stored) == alone.numbers.practice + 1 and not visitor.faults


def test_the_keyboard_keeps_its_place(chromium, alone):
    """Who goes through the buttons with Tab finds the same one again, and a key that is held down votes once."""
    with served(alone) as (link, votes):
        visitor = Visitor(chromium, link, alone)
        main_trial(visitor)
        visitor.page.locator("#answers button").nth(1).focus()
        visitor.page.keyboard.down("Enter")
        for _ in range(10):
            visitor.page.wait_for_timeout(60)
            visitor.page.keyboard.down("Enter")
        visitor.page.keyboard.up("Enter")
        visitor.page.wait_for_selector("#answers button:enabled")
        assert len(votes.stored) == alone.numbers.practice + 1
        assert (
            visitor.page.evaluate("[...document.querySelectorAll('#answers button')].indexOf(document.activeElement)")
            == 1
        )


def test_somebody_else_is_asked_too(chromium, timed):
    """Consent, and the warning of flicker, come before another rater is made; a double click makes one."""
    with served(timed) as (link, votes):
        visitor = Visitor(chromium, link, timed)
        visitor.press("I agree")
        visitor.ready()
        visitor.answer(1)
        visitor.page.wait_for_selector("#said.right, #said.wrong")
        visitor.page.close()
        visitor.open()
        visitor.press("I am somebody else")
        assert visitor.page.is_visible("#consent .warning") and len(votes.secrets) == 1
        visitor.page.locator("#agree").dblclick()
        visitor.ready()
        assert len(votes.secrets) == 2 and visitor.standing["position"] == 0 and not visitor.faults


def test_a_tab_that_was_left_open_votes_for_nobody(chromium, alone):
    """Another rater began in a second tab: the first one begins again where that one stands."""
    with served(alone) as (link, votes):
        visitor = Visitor(chromium, link, alone)
        main_trial(visitor)
        left = visitor.page
        visitor.open()
        visitor.press("I am somebody else")
        main_trial(visitor)
        stored = len(votes.stored)
        with left.expect_response("**/api/vote") as reply:
            left.keyboard.press("f")
        assert reply.value.status == 409
        left.wait_for_selector("#back:visible")
        assert len(votes.stored) == stored


def test_without_cookies_it_says_so(chromium, alone):
    with served(alone) as (link, _):
        visitor = Visitor(chromium, link, alone)
        visitor.context.route("**/api/join", lambda route: _without_cookie(visitor.context, route))
        visitor.press("I agree")
        visitor.page.wait_for_selector("#blocked:visible")
        assert not visitor.faults


def _without_cookie(context, route):
    reply = route.fetch()
    context.clear_cookies()
    headers = {name: value for name, value in reply.headers.items() if name != "set-cookie"}
    route.fulfill(status=reply.status, headers=headers, body=reply.body())


def test_a_picture_is_flashed_and_masked(chromium, timed):
    """For the time that the staircase says, as far as the screen's frames allow; then it is gone."""
    with served(timed) as (link, votes):
        visitor = Visitor(chromium, link, timed)
        visitor.press("I agree")
        visitor.ready()
        seen = "() => document.querySelector('#stage canvas').getContext('2d').getImageData(9, 9, 1, 1).data[3]"
        assert visitor.page.evaluate(seen) == 0
        visitor.answer(1)
        visitor.page.wait_for_selector("#said.right, #said.wrong")
        assert visitor.page.evaluate(seen) == 255, "practice shows it once more"
        (vote,) = votes.stored
        assert vote.exposure_ms == MOST_MS and vote.shown_ms > 0.9 * MOST_MS and not visitor.faults


SEEN_FOR = """() => {
  const brush = CanvasRenderingContext2D.prototype;
  window.drawn = [];
  for (const name of ["drawImage", "clearRect"]) {
    const before = brush[name];
    brush[name] = function (...given) {
      window.drawn.push(document.timeline.currentTime);
      return before.apply(this, given);
    };
  }
}"""


def test_a_picture_is_seen_for_as_long_as_is_told(chromium, timed):
    """From the frame that draws it to the frame that draws the mask; and each mask for its 30 ms, to half a frame."""
    with served(timed) as (link, votes):
        visitor = Visitor(chromium, link, timed)
        visitor.page.evaluate(SEEN_FOR)
        visitor.press("I agree")
        visitor.ready()
        visitor.answer(1)
        visitor.page.wait_for_selector("#said.right, #said.wrong")
        (vote,) = votes.stored
        times = visitor.page.evaluate("window.drawn")
        assert times[1] - times[0] == pytest.approx(vote.shown_ms, abs=1)
        assert np.diff(times[1:6]).mean() == pytest.approx(MASK_MS, abs=12)


@pytest.mark.parametrize("window", [(360, 640), (320, 480), (640, 320), (1280, 720)])
def test_it_fits(chromium, labels, window):
    """Phones upright and lying, and a desk, with two pictures and the longest question."""
    with served(labels) as (link, _):
        device = PHONE | {"viewport": {"width": window[0], "height": window[1]}}
        visitor = Visitor(chromium, link, labels, **device)
        visitor.press("I agree")
        visitor.ready()
        visitor.fits()
        visitor.page.wait_for_timeout(LOOK_MS)
        visitor.page.locator("#stage button").first.tap()
        visitor.page.wait_for_selector("#said.right, #said.wrong")
        visitor.fits()
        assert not visitor.faults
