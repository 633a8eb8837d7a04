"""Seeds and orders as a function of (seed, purpose, step), without torch; the same with every version of it."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


def derived_seed(seed: int, purpose: str, step: int = 0) -> int:
    """A 63-bit seed for one draw. Check: equal for equal arguments, different for different ones."""
    return int.from_bytes(_hash(f"{seed}/{purpose}/{step}"), "big") >> 1


def shuffled(things: Sequence[Thing], seed: int, purpose: str, step: int = 0) -> list[Thing]:
    """The things in a random order: sorted by a hash of their place.

    Check: a permutation, equal for equal arguments; over many steps each thing is first equally often.
    """
    key = f"{seed}/{purpose}/{step}"
    places = sorted(range(len(things)), key=lambda place: _hash(f"{key}/{place}"))
    return [things[place] for place in places]


def _hash(words: str) -> bytes:
    return hashlib.blake2b(words.encode(), digest_size=8).digest()
