"""Votes last: through kills, retries, threads and other people's files."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from simulated import guesser, patient, visits

from gansmith.core.errors import InputError, WorkError
from gansmith.judge.booth import Booth, OutOfTurnError
from gansmith.judge.staircase import next_exposure
from gansmith.judge.votes import FILE, Vote, Votes

VOTE = Vote(0, 0, "main", "a", "", 1, "", 1, True, 812.5, None, None)


@pytest.fixture
def votes(tmp_path):
    opened = Votes(tmp_path, "this study", create=True)
    yield opened
    opened.close()


def test_a_vote_is_stored_once(votes):
    assert votes.join()[0] == 0 and votes.join()[0] == 1
    assert votes.add(VOTE) and not votes.add(replace(VOTE, answer=0))
    assert votes.all() == votes.of(0) == [VOTE]
    assert votes.add(replace(VOTE, right=None, position=1)) and votes.all()[1].right is None


def test_the_file_is_safe_by_its_settings(votes):
    asked = [votes._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert asked == ["wal", 2]  # 2 is FULL


def test_nothing_personal_is_kept(votes, tmp_path):
    number, secret = votes.join()
    votes.add(replace(VOTE, rater=number))
    votes.close()
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert secret.encode() not in content and len(secret) >= 24
    columns = sqlite3.connect(tmp_path / FILE).execute("SELECT name FROM pragma_table_info('votes')").fetchall()
    assert not {"time", "date", "address", "agent", "name"} & {column for (column,) in columns}


def test_a_strangers_secret_is_nobodys(votes):
    _, secret = votes.join()
    assert votes.rater(secret) == 0 and votes.rater(secret + "x") is None and votes.rater("") is None


def test_facts_are_remembered(tmp_path):
    first = Votes(tmp_path, "this study", create=True)
    first.remember("port", "1234")
    first.remember("port", "4321")
    first.close()
    again = Votes(tmp_path, "this study")
    assert again.fact("port") == "4321" and again.fact("token") is None
    again.close()


# --- other files


def test_votes_of_another_study_are_refused_and_stay(tmp_path):
    Votes(tmp_path, "another study", create=True).close()
    before = (tmp_path / FILE).read_bytes()
    for create in (False, True):
        with pytest.raises(InputError, match="votes of another study"):
            Votes(tmp_path, "this study", create=create)
    assert (tmp_path / FILE).read_bytes() == before


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be looked at" * 40, b""])
def test_a_file_that_holds_no_votes_is_refused_and_stays(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(InputError, match=r"restore it|another study"):
        Votes(tmp_path, "this study", create=True)
    assert (tmp_path / FILE).read_bytes() == content


def test_no_votes_yet(tmp_path):
    with pytest.raises(InputError, match="no votes yet"):
        Votes(tmp_path, "this study")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_said(votes):
    votes.join()
    votes._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(WorkError, match="free some space"):
        for position in range(2000):
            votes.add(replace(VOTE, position=position, label="x" * 200))


# --- retries and threads


def test_a_second_try_gets_the_first_answer(alone, tmp_path):
    """A double click, a lost reply: stored once, and the page goes on from where it stands."""
    votes = Votes(tmp_path, alone.fingerprint, create=True)
    booth = Booth(alone, votes)
    secret = booth.join()
    first = booth.vote(secret, 0, 1, 900.0, None)
    again = booth.vote(secret, 0, 0, 900.0, None)
    assert first["new"] and not again["new"]
    assert {**first, "new": None} == {**again, "new": None} and first["position"] == 1
    assert [vote.answer for vote in votes.all()] == [1]
    with pytest.raises(OutOfTurnError):
        booth.vote(secret, 5, 1, 900.0, None)
    assert booth.vote("nobody", 0, 1, 900.0, None) is None and booth.state("nobody") is None
    votes.close()


def test_many_threads_lose_and_double_nothing(alone, tmp_path):
    """Eight raters, each vote sent three times by threads of its own."""
    votes = Votes(tmp_path, alone.fingerprint, create=True)
    booth, count = Booth(alone, votes), 8

    def visit():
        secret = booth.join()
        for position in range(20):
            tries = [threading.Thread(target=booth.vote, args=(secret, position, 1, 900.0, None)) for _ in range(3)]
            for one in tries:
                one.start()
            for one in tries:
                one.join()

    raters = [threading.Thread(target=visit) for _ in range(count)]
    for one in raters:
        one.start()
    for one in raters:
        one.join()
    assert [(vote.rater, vote.position) for vote in votes.all()] == [(r, p) for r in range(count) for p in range(20)]
    votes.close()


def test_a_visit_goes_on_where_it_stopped(study, tmp_path):
    """After the server was closed, with everything taken from the file."""
    votes = Votes(tmp_path, study.fingerprint, create=True)
    booth = Booth(study, votes)
    secret = booth.join()
    for position in range(9):
        told = booth.vote(secret, position, position % 2, 900.0, 500.0)
    votes.close()
    again = Votes(tmp_path, study.fingerprint)
    standing = Booth(study, again).state(secret)
    assert standing == {key: told[key] for key in standing}
    again.close()


def test_a_response_cannot_be_faster_than_the_clock(alone, tmp_path):
    """What the page says of its time is believed only as far as the server's own clock."""
    now, votes = [0.0], Votes(tmp_path, alone.fingerprint, create=True)
    booth = Booth(alone, votes, clock=lambda: now[0])
    secret = booth.join()
    for position in range(3):
        now[0] += 0.1
        booth.vote(secret, position, 1, 5000.0, None)
    assert [vote.response_ms for vote in votes.all()] == [5000.0, 100.0, 100.0]
    votes.close()


def test_the_staircase_follows_the_answers(timed):
    """Checks and practice are shown longest and move nothing."""
    votes = visits(timed, [patient(300)])
    right: list[bool] = []
    for vote in votes:
        assert vote.exposure_ms == (next_exposure(right) if vote.use == "main" else 1000)
        right += [vote.right] if vote.use == "main" else []
    assert len(right) == 100


def test_practice_says_what_was_right_and_nothing_else_does(study):
    """From what the page hears, checks and what is judged cannot be told apart."""
    now, told = [0.0], []
    from simulated import Memory

    booth = Booth(study, Memory(), clock=lambda: now[0])
    secret = booth.join()
    standing = booth.state(secret)
    while standing["trial"]:
        now[0] += 1
        standing = booth.vote(secret, standing["position"], 1, 1000.0, None)
        told.append(standing["feedback"])
    practice = study.numbers.practice
    assert all(one is not None and one["answer"] in (0, 1) for one in told[:practice])
    assert not any(told[practice:])


# --- kills

CHILD = """
import sys
from pathlib import Path
from gansmith.judge.votes import Vote, Votes
votes = Votes(Path(sys.argv[1]), "this study", create=True)
if not votes.joined():
    votes.join()
position = len(votes.of(0))
while True:
    votes.add(Vote(0, position, "main", "a", "", 1, "", position % 2, True, 812.5, None, None))
    position += 1
    print(position, flush=True)
"""


def test_votes_survive_kill_9(tmp_path):
    """Whatever was answered for before the kill is there after it, and nothing else but perhaps the vote in flight."""
    answered = 0
    for round_ in range(3):
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(17 + round_):
            answered = int(child.stdout.readline())
        os.kill(child.pid, signal.SIGKILL)
        answered = max([answered, *map(int, child.stdout.read().split())])
        child.wait()
        votes = Votes(tmp_path, "this study")
        stored = votes.all()
        votes.close()
        assert answered <= len(stored) <= answered + 1
        assert [vote.position for vote in stored] == list(range(len(stored)))
    check = sqlite3.connect(tmp_path / FILE).execute("PRAGMA integrity_check").fetchone()
    assert check == ("ok",)


def test_a_copy_of_the_folder_is_the_study(alone, tmp_path):
    """Another place, the same study: its votes still belong to it."""
    from gansmith.judge.study import load

    place = tmp_path / "moved"
    shutil.copytree(alone.path, place)
    moved = load(place)
    assert moved.fingerprint == alone.fingerprint
    votes = Votes(place, moved.fingerprint, create=True)
    visits(moved, [guesser], votes=votes)
    assert votes.joined() == 1
    votes.close()
