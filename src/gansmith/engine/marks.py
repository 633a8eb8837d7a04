"""When things are due: image counts fixed once from the budget, so that nothing hangs on the clock."""

MOST_SCORES = 40
MOST_GRIDS = 60
MOST_PROBES = 100
STEPS_A_PROBE = 50  # one takes about as long as a step


def score_count(training_seconds: float, score_seconds: float, share: float = 0.05) -> int:
    """How many scores take at most ``share`` of the time. Check: at least one, at most 40."""
    return max(1, min(MOST_SCORES, int(share * training_seconds / max(score_seconds, 1e-3))))


def score_marks(images: int, count: int) -> list[int]:
    """Evenly spaced counts, the last at the end. Check: the last equals ``images``."""
    return _even(images, count)


def grid_marks(images: int, pace: float, soon_seconds: float = 5.0) -> list[int]:
    """The first after a few seconds, then sixty evenly spaced, the last at the end."""
    soon = max(1, min(round(pace * soon_seconds), images))
    return sorted({soon, *(mark for mark in _even(images, MOST_GRIDS) if mark > soon), images})


def probe_marks(images: int, batch: int) -> list[int]:
    """A hundred, evenly spaced; fewer in short runs, where they would take more than a fiftieth of the time.

    Check: the last is at the end; 50 steps or more lie between two.
    """
    count = max(1, min(MOST_PROBES, images // batch // STEPS_A_PROBE))
    return _even(images, count)


def _even(images: int, count: int) -> list[int]:
    return [round(images * (index + 1) / count) for index in range(count)]
