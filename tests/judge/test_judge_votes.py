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
from simulated import Memory, guesser, patient, visits

from gansmith.core.errors import InputError, WorkError
from gansmith.judge.booth import Booth, OutOfTurnError
from gansmith.judge.plan import plan
from gansmith.judge.staircase import before_answer, next_exposure
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


def test_an_empty_file_is_a_new_one(tmp_path):
    """A process was killed before it wrote anything."""
    (tmp_path / FILE).touch()
    with pytest.raises(InputError, match="no votes yet"):
        Votes(tmp_path, "this study")
    votes = Votes(tmp_path, "this study", create=True)
    assert votes.join()[0] == 0
    votes.close()


def test_a_lock_is_no_damage(tmp_path, monkeypatch):
    """Another program reads or writes the file: it is said so."""
    monkeypatch.setattr("gansmith.judge.votes.WAIT_MS", 50)
    votes = Votes(tmp_path, "this study", create=True)
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(WorkError, match="another program holds"):
        votes.join()
    votes.close()
    other.execute("ROLLBACK")
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(WorkError, match="another program holds"):
        Votes(tmp_path, "this study")
    other.close()


def test_a_file_that_holds_no_votes_is_refused_and_stays(tmp_path):
    content = b"no database at all, but long enough to be looked at" * 40
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
    shown = booth.state(secret)["trial"]["pictures"]
    first = booth.vote(secret, 0, shown, 1, 900.0, None)
    again = booth.vote(secret, 0, shown, 0, 900.0, None)
    assert first == again and first["position"] == 1
    assert [vote.answer for vote in votes.all()] == [1]
    with pytest.raises(OutOfTurnError):
        booth.vote(secret, 5, shown, 1, 900.0, None)
    assert booth.vote("nobody", 0, shown, 1, 900.0, None) is None and booth.state("nobody") is None
    votes.close()


def test_a_vote_on_other_pictures_is_not_stored(alone):
    """A tab that was left open shows the pictures of the rater before."""
    votes = Memory()
    booth = Booth(alone, votes)
    left, now = booth.join(), booth.join()
    shown = next(
        trial.pictures for trial in plan(alone, 0)[6:] if trial.pictures not in {t.pictures for t in plan(alone, 1)}
    )
    for position in range(6):
        booth.vote(now, position, plan(alone, 1)[position].pictures, 1, 900.0, None)
    with pytest.raises(OutOfTurnError, match="other pictures"):
        booth.vote(now, 6, shown, 1, 900.0, None)
    assert len(votes.stored) == 6 and booth.state(left)["position"] == 0


def test_a_vote_that_somebody_else_stored_is_the_one_that_counts(alone, tmp_path):
    votes = Votes(tmp_path, alone.fingerprint, create=True)
    booth = Booth(alone, votes)
    secret = booth.join()
    shown = booth.state(secret)["trial"]["pictures"]
    votes.add(replace(VOTE, use="practice", answer=0, first=shown[0]))
    assert booth.vote(secret, 0, shown, 1, 900.0, None)["position"] == 1
    assert booth._rater(secret).votes == votes.all() and votes.all()[0].answer == 0
    votes.close()


def test_many_threads_lose_and_double_nothing(alone, tmp_path):
    """Eight raters, each vote sent three times by threads of its own."""
    votes = Votes(tmp_path, alone.fingerprint, create=True)
    booth, count = Booth(alone, votes), 8

    def visit():
        secret = booth.join()
        for position in range(20):
            sent = secret, position, booth.state(secret)["trial"]["pictures"], 1, 900.0, None
            tries = [threading.Thread(target=booth.vote, args=sent) for _ in range(3)]
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
    told = booth.state(secret)
    for position in range(9):
        told = booth.vote(secret, position, told["trial"]["pictures"], position % 2, 900.0, 500.0)
    votes.close()
    again = Votes(tmp_path, study.fingerprint)
    standing = Booth(study, again).state(secret)
    assert standing == {key: told[key] for key in standing}
    again.close()


def test_a_response_cannot_be_longer_than_the_clock_says(alone, tmp_path):
    """What the page says of its time is believed only as far as the server's own clock."""
    now, votes = [0.0], Votes(tmp_path, alone.fingerprint, create=True)
    booth = Booth(alone, votes, clock=lambda: now[0])
    secret = booth.join()
    for position in range(3):
        now[0] += 0.1
        booth.vote(secret, position, booth.state(secret)["trial"]["pictures"], 1, 5000.0, None)
    assert [vote.response_ms for vote in votes.all()] == [5000.0, 100.0, 100.0]
    votes.close()


def test_the_staircase_follows_the_answers(timed):
    """Practice is shown longest, checks as what is around them, but for 300 ms; both move nothing."""
    votes = visits(timed, [patient(220)])
    right: list[bool] = []
    shown = {
        "practice": lambda: 1000,
        "main": lambda: next_exposure(right),
        "check": lambda: max(300, next_exposure(right)),
    }
    for vote in votes:
        assert vote.exposure_ms == shown[vote.use]()
        right += [vote.right] if vote.use == "main" else []
    assert len(right) == 100 and {300} < {vote.exposure_ms for vote in votes if vote.use == "check"}


def test_a_response_to_a_flash_counts_from_its_end(timed):
    """Whoever answers at once has not waited for anything, however long the picture was there."""
    now, votes = [0.0], Memory()
    booth = Booth(timed, votes, clock=lambda: now[0])
    secret = booth.join()
    for _ in range(7):
        standing = booth.state(secret)
        now[0] += (before_answer(standing["trial"]["exposure_ms"]) + 40) / 1000
        booth.vote(secret, standing["position"], standing["trial"]["pictures"], 1, 900.0, None)
    assert [vote.response_ms for vote in votes.stored] == [900.0] + [pytest.approx(40)] * 6


def test_practice_says_what_was_right_and_nothing_else_does(study):
    """From what the page hears, checks and what is judged cannot be told apart."""
    now, told = [0.0], []
    booth = Booth(study, Memory(), clock=lambda: now[0])
    secret = booth.join()
    standing = booth.state(secret)
    while standing["trial"]:
        now[0] += 1
        standing = booth.vote(secret, standing["position"], standing["trial"]["pictures"], 1, 1000.0, None)
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
