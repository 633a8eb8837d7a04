"""The ways in which a verb ends early, and the exit code of each."""


class InputError(ValueError):
    """What the user gave cannot be used. One line that says what to do; exit code 2, nothing written."""


class WorkError(RuntimeError):
    """The work itself failed (full disk, NaN). The last good state is kept; exit code 1."""


class Interrupted(KeyboardInterrupt):
    """The user stopped the work; the message says that the state is saved and how to go on. Exit code 130."""
