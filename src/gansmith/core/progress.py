"""What long work tells whoever watches: messages, and one bar at a time. Silent unless a door listens."""


class Progress:
    """The silent listener; the command line puts a live one in its place."""

    def message(self, text: str) -> None:
        """One line that should be read once."""

    def start(self, title: str, total: float | None = None) -> None:
        """Begin a bar of ``total`` units (None: unknown)."""

    def advance(self, done: float, detail: str = "") -> None:
        """``done`` units of the current bar are behind us; ``detail`` stands beside it."""

    def finish(self) -> None:
        """End the current bar."""
