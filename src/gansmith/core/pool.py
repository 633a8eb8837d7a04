"""Work on many items with few threads: results in order, and only a few in flight.

Threads, not processes: decoding, resizing and rendering release Python's lock, nothing has to be
pickled, and a script without a ``__main__`` guard works.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
MOST_THREADS, IN_FLIGHT = 8, 8
_allowed = MOST_THREADS


def allow(threads: int) -> None:
    """From now on this process works with no more than so many threads."""
    global _allowed
    _allowed = threads


def thread_count() -> int:
    """The cores that this process may use, at most 8, and no more than are allowed."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, MOST_THREADS, _allowed))


def torch_in_order(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """``in_order`` for work that computes with torch: one thread within each layer, the items beside one another.

    The caller's own number of threads stays what it was.
    """
    import torch

    torch.get_num_threads()  # a thread's number is fixed when it first asks; the workers' must not become the caller's
    return in_order(work, items, partial(torch.set_num_threads, 1))


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], begin: Callable[[], object] | None = None
) -> Iterator[Result]:
    """``map`` with threads; at most eight items a thread are under way or waiting to be taken.

    Args:
        work: from an item to its result.
        items: taken as they are needed.
        begin: called once by each thread before its first item.
    Check: memory does not grow with the number of items.
    """
    threads = thread_count()
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads, initializer=begin) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= threads * IN_FLIGHT:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
