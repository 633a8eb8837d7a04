"""What is due when is fixed by image counts; threads are measured once; a stop is polite."""

import os
import signal
import threading
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

from gansmith.core.errors import InputError
from gansmith.engine import devices, pace
from gansmith.engine.interrupt import stops_politely
from gansmith.engine.marks import MOST_SCORES, grid_marks, score_count, score_marks
from gansmith.engine.pace import Layout
from gansmith.recipes import setup

images = some.integers(8, 10**8)
seconds = some.floats(0.5, 10**5)


@pytest.fixture
def threads():
    """Gives the number of threads back."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@given(images, seconds, some.floats(0, 1000))
def test_scores_take_their_share_and_the_last_is_at_the_end(images, training_seconds, score_seconds):
    marks = score_marks(images, score_count(training_seconds, score_seconds))
    assert 1 <= len(marks) <= MOST_SCORES and marks[-1] == images and marks == sorted(marks)
    assert len(marks) == 1 or len(marks) * score_seconds <= 0.05 * training_seconds + 1e-6
    assert all(isinstance(mark, int) and mark >= 0 for mark in marks)


@given(images, some.floats(0.1, 10**6))
def test_grids_come_soon_and_at_most_a_hundred_times(images, speed):
    marks = grid_marks(images, speed)
    assert marks == grid_marks(images, speed) == sorted(set(marks))
    assert 1 <= len(marks) <= 100 and marks[0] >= 1 and marks[-1] == images
    assert marks[0] <= max(1, 20 * speed), "the first grid is later than twenty seconds"


@given(some.floats(0.01, 600), some.floats(0, 100), some.floats(1, 10**5), some.floats(0, 60), some.floats(0, 600))
def test_a_budget_in_minutes_covers_the_scores(minutes, spent, speed, score_seconds, final_seconds):
    measured = SimpleNamespace(images_per_second=speed, score_seconds=score_seconds, final_seconds=final_seconds)
    count, left = setup.images_for(minutes, spent, measured, 64)
    assert count >= 64 and count % 64 == 0
    whole = 60 * minutes
    assert left >= setup.LEAST_TRAINING_SHARE * whole - 1e-6
    if left > setup.LEAST_TRAINING_SHARE * whole + 1e-6 and count > 64:
        scores = score_seconds * score_count(left, score_seconds)
        assert spent + count / speed + final_seconds + setup.CLOSING_SECONDS <= whole + 1e-6
        assert scores <= max(0.05 * left, score_seconds) + 1e-6


def test_the_schedule_of_a_budget_is_json_and_ends_at_the_last_step():
    measured = SimpleNamespace(images_per_second=500.0, score_seconds=2.0, final_seconds=10.0)
    due = setup.schedule(1001, 64, 120.0, measured)
    whole = 16 * 64
    assert due["score_marks"][-1] == due["grid_marks"][-1] == whole and due["log_every_images"] >= 64


def test_a_budget_in_images_is_scored_at_the_same_counts_on_every_machine():
    fast, slow = (SimpleNamespace(images_per_second=s, score_seconds=100 / s, final_seconds=1.0) for s in (2e3, 2e1))
    marks = [setup.schedule(120_000, 64, None, each)["score_marks"] for each in (fast, slow)]
    assert marks[0] == marks[1] == [30_000, 60_000, 90_000, 120_000]


@pytest.mark.parametrize("faster", [Layout(1, 4), Layout(4, 4), Layout(8, 4)])
def test_the_fastest_layout_is_taken(faster, monkeypatch, threads):
    """Two threads beside another busy process can be slower than one, so this is measured."""
    monkeypatch.setattr(pace, "processors", lambda: 8)
    candidates = pace.layouts(None, None, 64, 4)
    assert candidates == [Layout(1, 4), Layout(4, 4), Layout(8, 4)]
    monkeypatch.setattr(pace, "measure_pace", lambda layout, seconds: 100.0 if layout == faster else 50.0)
    best, paces = pace.choose_layout(lambda layout: layout, candidates, 6.0)
    assert best == faster and paces == dict.fromkeys(candidates, 50.0) | {faster: 100.0}
    assert torch.get_num_threads() == max(1, faster.threads // faster.lanes)


def test_lanes_follow_from_rows_and_processors_alone(monkeypatch):
    monkeypatch.setattr(pace, "processors", lambda: 1)
    assert pace.layouts(None, None, 64, 1) == [Layout(1)]
    assert pace.layouts(2, None, 64, 1) == [Layout(2, 2)]
    assert pace.layouts(2, None, 8, 1) == [Layout(2)]  # too few rows for statistics of their own
    assert pace.layouts(4, None, 64, 64) == [Layout(4)]
    assert pace.layouts(4, None, 96, 16) == [Layout(4, 3)]
    assert pace.layouts(1, 2, 8, 4) == [Layout(1, 2)]
    monkeypatch.setattr(pace, "processors", lambda: 2)
    assert pace.layouts(None, None, 64, 4) == [Layout(1, 2), Layout(2, 2)]
    assert pace.layouts(None, 1, 64, 4) == [Layout(1), Layout(2)]
    for rows, together in ((9, 1), (8, 8)):
        with pytest.raises(InputError, match="do not part"):
            pace.layouts(2, 2, rows, together)


def test_processors_are_those_this_process_may_use():
    assert devices.processors() == len(os.sched_getaffinity(0)) >= 1


def test_devices_by_name():
    assert devices.pick_device("cpu") == torch.device("cpu")
    for wrong in ("gpu", "cpu:x", "cuda:99", ""):
        with pytest.raises(InputError, match="leave --device out"):
            devices.pick_device(wrong)


@pytest.mark.parametrize(("precision", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_products_are_cast_where_asked_for(precision, dtype):
    with devices.autocast(torch.device("cpu"), precision):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == dtype


def test_bf16_is_taken_where_the_processor_multiplies_it_in_tiles(monkeypatch):
    for capable in (True, False):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda capable=capable: {"amx_bf16": capable})
        assert devices.multiplies_bf16(torch.device("cpu")) is capable
        chosen = setup.precision_for(None, torch.device("cpu"), "r1-r2")
        assert chosen.value == ("bf16" if capable else "fp32")
        assert setup.precision_for(None, torch.device("cpu"), "r1-r2-difference").value == "fp32"
        assert setup.precision_for("fp32", torch.device("cpu"), None).value == "fp32"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_and_the_second_one_stops(number):
    trainer = SimpleNamespace(stop_requested=False)
    before = signal.getsignal(number)
    with stops_politely(trainer):
        assert signal.getsignal(number) is not before
        signal.raise_signal(number)
        assert trainer.stop_requested
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert signal.getsignal(number) is before


def test_handlers_come_back_after_an_error():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError), stops_politely(SimpleNamespace(stop_requested=False)):
        1 / 0  # noqa: B018
    assert signal.getsignal(signal.SIGINT) is before


def test_training_in_a_thread_leaves_signals_alone():
    """Only the main thread may set handlers; a training in another one, as in a notebook's, still runs."""
    seen = []

    def work():
        with stops_politely(SimpleNamespace(stop_requested=False)):
            seen.append(signal.getsignal(signal.SIGINT))

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    assert seen == [signal.getsignal(signal.SIGINT)]
