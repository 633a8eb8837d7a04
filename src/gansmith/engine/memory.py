"""Freed memory is kept for the next step instead of being returned to the system."""

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LARGEST_KEPT = 1 << 30


def keep_freed_memory() -> bool:
    """Ask glibc to reuse large freed blocks; whether it will.

    By default a block of some megabytes is given back when freed, and the next step pays for every
    page of it again: 7,500 page faults a step at 64 px, a tenth of its time (LOG.md). Elsewhere than
    with glibc nothing is done.
    Check: results are unchanged; a later step of equal shapes faults in almost no page.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT)) and bool(mallopt(M_TRIM_THRESHOLD, LARGEST_KEPT))
