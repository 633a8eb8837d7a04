"""From simulated raters to results: who counts, what the numbers are, and what is written."""

import csv
import json
import random
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from simulated import guesser, npz, patient, same_key, study_of, truthful, visits

from gansmith.cli.judge import judge
from gansmith.core.errors import InputError
from gansmith.judge.export import export
from gansmith.judge.page import by_picture, render
from gansmith.judge.preferences import preferences, wins
from gansmith.judge.results import results
from gansmith.judge.study import load
from gansmith.judge.votes import Votes


def told_of(study, policies, width=None, seed=0):
    votes = visits(study, policies, seed)
    return results(study, votes, len({vote.rater for vote in votes}), width)


# --- three raters


@pytest.fixture(scope="module")
def longer(sources, tmp_path_factory):
    """Forty questions, as many as rules on single raters need."""
    path = tmp_path_factory.mktemp("longer") / "study"
    return study_of([sources / "alpha.npz"], sources / "real", path, protocol="unlimited", trials=40, images=40)


def test_three_raters_are_told_apart(longer):
    told = told_of(longer, [truthful(0.8), guesser, same_key])
    assert told["raters"]["counted"] == 1 and told["raters"]["joined"] == told["raters"]["finished"] == 3
    rules = {gone["rater"]: gone["rule"] for gone in told["raters"]["excluded"]}
    assert rules == {2: "failed-checks", 3: "same-key"}
    assert all("excluded" in note for note in told["notes"][:2]) and told["votes"] == {"all": 120, "counted": 40}


def test_who_cannot_tell_is_at_one_half(longer):
    """Whoever takes everything for real that is not plainly broken counts, and is wrong half of the time."""

    def trusting(study, trial, rng):
        return int(study.pictures[trial["pictures"][0]].good is False)

    told = told_of(longer, [trusting] * 3)
    score = told["scores"]["alpha"]
    assert told["raters"]["counted"] == 3 and score["value"] == 0.5
    assert (score["called_real"]["value"], score["real_missed"]["value"]) == (1, 0)


def test_three_raters_are_told_apart_in_pairs(sources, tmp_path):
    names = [sources / "alpha.npz", sources / "beta.npz"]
    study = study_of(names, sources / "real", tmp_path / "s", protocol="pairs", trials=40, images=40)
    told = told_of(study, [truthful(strengths={1: 0.5}), guesser, same_key])
    assert {gone["rater"]: gone["rule"] for gone in told["raters"]["excluded"]} == {2: "failed-checks", 3: "same-key"}


# --- error rates


def test_who_is_always_right_and_who_is_always_wrong(longer):
    perfect = told_of(longer, [truthful(1.0)] * 4)["scores"]["alpha"]
    assert perfect["value"] == 0 and 0 < perfect["high"] < 0.06 and perfect["low"] == 0
    wrong = told_of(longer, [truthful(0.0)] * 4)["scores"]["alpha"]
    assert wrong["value"] == 1 and wrong["high"] == 1


def test_an_error_rate_is_found_again(longer):
    told = told_of(longer, [truthful(0.7)] * 15, width=0.1)
    score = told["scores"]["alpha"]
    assert score["low"] < 0.3 < score["high"] and score["high"] - score["low"] < 0.2
    assert score["value"] == pytest.approx((score["called_real"]["value"] + score["real_missed"]["value"]) / 2)
    assert score["votes"] == 15 * 20 and told["measure"] == "error-rate"
    assert told["needs"]["votes"] == 40 * told["needs"]["raters"] > 0
    assert abs(told["agreement"]["value"] - 0.16) < 0.12  # (2 * 0.7 - 1) ** 2 at equal shares
    assert "50 % would mean that nobody can tell" in told["summary"]


def test_agreement_does_not_hang_on_names(pairs, labels):
    """Raters who always prefer the same contender agree, wherever it stood and whatever its pictures are called."""

    def fond(study, trial, rng):
        shown = [study.pictures[name] for name in trial["pictures"]]
        return (
            int(not shown[0].good)
            if shown[0].good is not None
            else int(shown[0].of > shown[1].of) ^ (rng.random() < 0.1)
        )

    def apart(study, trial, rng):
        shown = [study.pictures[name] for name in trial["pictures"]]
        return int(not shown[0].good) if shown[0].good is not None else int(rng.random() < 0.5)

    assert told_of(pairs, [fond] * 12)["agreement"]["value"] == pytest.approx(0, abs=0.2)
    assert told_of(pairs, [apart] * 12)["agreement"]["value"] == pytest.approx(0, abs=0.12)
    assert told_of(labels, [apart] * 12)["agreement"]["value"] == pytest.approx(0, abs=0.15)


def test_with_few_raters_it_is_too_early(longer):
    """From two or three it would be far too hopeful."""
    assert told_of(longer, [truthful(0.7)] * 3, width=0.1)["needs"]["votes"] is None
    assert told_of(longer, [truthful(0.7)] * 5, width=0.1)["needs"]["raters"] > 3


def test_a_difference_has_an_interval_of_its_own(sources, tmp_path):
    """For the same raters, and without the real pictures, which are the same for both."""
    names = [sources / "alpha.npz", sources / "beta.npz"]
    study = study_of(names, sources / "real", tmp_path / "s", protocol="unlimited", trials=40, images=40)

    def differs(study, trial, rng):
        return truthful(0.4 if study.pictures[trial["pictures"][0]].of == 1 else 0.8)(study, trial, rng)

    told = told_of(study, [differs] * 8)
    (pair,) = told["pairs"]
    values = [told["scores"][pair[place]]["value"] for place in ("first", "second")]
    assert pair["value"] == pytest.approx(values[0] - values[1]) and pair["low"] < 0.2 < pair["high"]
    votes = visits(study, [differs] * 8)
    assert "alpha less beta" in render(study, told, votes)


def test_one_rater_says_so(longer):
    told = told_of(longer, [truthful()], width=0.1)
    assert "Only one rater counts" in told["notes"][0] and told["needs"]["votes"] is None
    assert told["agreement"] is None


def test_no_votes(study):
    told = results(study, [], 0, 0.1)
    assert told["summary"] == "No votes count yet." and told["scores"] == {}
    assert "No votes count yet." in render(study, told, [])


# --- thresholds


def test_a_threshold_is_found_again(timed):
    told = told_of(timed, [patient(250)] * 6, width=40.0)
    score = told["scores"]["alpha"]
    assert score["value"] == pytest.approx(250, abs=35) and score["low"] < score["value"] < score["high"]
    assert score["raters"] == 6 and score["at_the_longest"] == 0 and "500 ms" in told["how"]["exposure"]
    assert told["agreement"] is None and told["needs"]["width"] == 40


def test_who_cannot_tell_within_a_second_is_a_lower_bound(timed):
    def blind(study, trial, rng: random.Random):
        known = study.pictures[trial["pictures"][0]]
        return truthful(0.5)(study, trial, rng) if known.use == "main" else int(not known.good)

    told = told_of(timed, [blind] * 2)
    assert told["scores"]["alpha"]["at_the_longest"] == 2 and "lower bound" in " ".join(told["notes"])


def test_exposures_that_were_missed_are_told(timed):
    from dataclasses import replace

    votes = [replace(vote, shown_ms=vote.exposure_ms + 60) for vote in visits(timed, [patient(250)] * 2)]
    assert "100% of the exposures were more than 25 ms off" in " ".join(results(timed, votes, 2)["notes"])


# --- preferences


def test_a_ranking_is_found_again(pairs):
    truth = {0: 1.2, 1: 0.4, 2: -0.4, 3: -1.2}
    told = told_of(pairs, [truthful(strengths=truth)] * 30, width=0.1)
    names = ["real", "alpha", "beta", "gamma"]
    assert list(told["scores"]) == names
    for of, name in enumerate(names):
        score = told["scores"][name]
        assert score["low"] < truth[of] < score["high"] and score["votes"] == 30 * 12
    assert told["scores"]["real"]["first"] > 0.95 and len(told["pairs"]) == 6
    assert all(pair["low"] < pair["value"] < pair["high"] for pair in told["pairs"])
    assert told["needs"]["votes"] is None or told["needs"]["votes"] > 0


def test_two_contenders_have_half_the_log_odds(labels):
    votes = [vote for vote in visits(labels, [truthful(strengths={1: 0.9})] * 5) if vote.use == "main"]
    table = wins(labels, votes, range(5)).sum((2, 3))
    found = preferences(labels, votes, range(5)).scores
    half = np.log((table[0, 1] + 0.5) / (table[1, 0] + 0.5)) / 2
    assert found["alpha"]["value"] == pytest.approx(half) == pytest.approx(-found["beta"]["value"])


def test_pairs_that_never_met_are_told(pairs):
    votes = [vote for vote in visits(pairs, [truthful()] * 2) if vote.use != "main" or vote.group != 5]
    assert "beta and gamma have not met yet." in results(pairs, votes, 2)["notes"]


# --- what is written


class Parsed(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.outside = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.outside += [v for k, v in attrs if k in ("src", "href") and v and not v.startswith("data:")]


def test_the_page_is_self_contained(study):
    votes = visits(study, [patient(300) if study.protocol == "timed" else truthful(0.6)] * 3)
    told = results(study, votes, 3, 0.05)
    page = render(study, told, votes)
    parsed = Parsed(page)
    assert not parsed.outside and "script" not in parsed.tags and "http" not in page.replace("http-equiv", "")
    assert told["summary"] in page and "alpha" in page
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_names_cannot_become_markup(sources, tmp_path):
    mine = npz(tmp_path / "<img src=x onerror=alert(1)>.npz", 40, "coffee")
    study = study_of([mine], sources / "real", tmp_path / "s", protocol="unlimited", trials=10, title="<b>a</b>")
    votes = visits(study, [truthful(0.5)] * 2)
    page = render(study, results(study, votes, 2), votes)
    assert "<img src=x" not in page and "<b>a</b>" not in page


def test_every_picture_has_its_votes(alone):
    votes = visits(alone, [truthful(0.6)] * 4)
    found = by_picture(alone, votes)
    assert sum(seen for _, seen in found.values()) == 4 * 20 and all(hits <= seen for hits, seen in found.values())


@pytest.fixture
def voted(alone, tmp_path):
    """A study's folder with the votes of three raters."""
    import shutil

    place = tmp_path / "study"
    shutil.copytree(alone.path, place)
    study = load(place)
    votes = Votes(place, study.fingerprint, create=True)
    visits(study, [truthful(0.8), truthful(0.7), guesser], votes=votes)
    votes.close()
    return place


def rows_of(file):
    with open(file, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_results_are_written_and_printed(voted, capsys):
    judge(results=voted, json=True)
    told = capsys.readouterr()
    assert json.loads(told.out) == json.loads((voted / "results.json").read_text()) and "results.html" in told.err
    judge(results=voted, width=0.1)
    said = capsys.readouterr().out
    assert "alpha" in said and "too early" in " ".join(said.split())


def test_votes_are_exported(voted, tmp_path, capsys):
    judge(results=voted, export=tmp_path / "votes.csv", json=True)
    rows = rows_of(tmp_path / "votes.csv")
    assert len(rows) == 3 * 34 and {row["rater"] for row in rows} == {"1", "2", "3"}
    main = [row for row in rows if row["use"] == "main"]
    assert {row["first_of"] for row in main} == {"real", "alpha"}
    assert {row["answer"] for row in main} == {"real", "generated"}
    judge(study=voted, export=tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "votes.csv").read_bytes()
    judge(results=voted, export=tmp_path / "again.csv")  # the same command on another day
    (voted / "results.json").unlink()
    (tmp_path / "mine.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="is there already"):
        judge(results=voted, export=tmp_path / "mine.csv")
    assert (tmp_path / "mine.csv").read_text() == "a,b\n1,2\n" and (voted / "results.json").is_file()


def test_results_without_the_extra(voted, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(InputError, match=r"pip install 'gansmith\[judge\]'"):
        judge(results=voted)
    assert (voted / "results.json").is_file()


def test_the_csv_says_what_the_votes_are(pairs, tmp_path):
    votes = visits(pairs, [truthful()] * 2)
    export(pairs, votes, tmp_path / "v.csv")
    rows = rows_of(tmp_path / "v.csv")
    main = [row for row in rows if row["use"] == "main"]
    assert all(row["first_of"] != row["second_of"] and row["answer"] in ("left", "right") for row in main)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({}, "name what is to be judged"),
        ({"results": "nowhere"}, "holds no study"),
        ({"export": "x.csv"}, "name the study"),
        ({"results": "x", "port": 3}, "--port has no place"),
        ({"study": "x", "seed": 3}, "--seed has no place"),
        ({"against": "x"}, "nothing at 'x'|name what is to be judged"),
    ],
)
def test_wrong_words(asked, says, tmp_path, monkeypatch):
    from pathlib import Path

    monkeypatch.chdir(tmp_path)
    paths = {key: Path(value) if key in ("results", "export", "study") else value for key, value in asked.items()}
    with pytest.raises(InputError, match=says):
        judge(**paths)


def test_sources_need_data():
    with pytest.raises(InputError, match="--against DATA"):
        judge("run")


def test_a_study_can_be_made_without_serving(sources, tmp_path, capsys):
    consent = tmp_path / "consent.txt"
    consent.write_text("Read this.\n\nAnd this.")
    judge(str(sources / "alpha.npz"), against=str(sources / "real"), study=tmp_path / "s", trials=10, serve=False,
          json=True, consent=consent, title="Which are real?")  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    study = load(tmp_path / "s")
    assert told == {"study": str(tmp_path / "s"), "protocol": "unlimited", "pictures": len(study.pictures)}
    assert study.title == "Which are real?" and study.consent == "Read this.\n\nAnd this."
    with pytest.raises(InputError, match="no votes yet"):
        judge(results=tmp_path / "s")
