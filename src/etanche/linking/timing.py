"""How long the steps of a link take: all that passes is some step's."""

from __future__ import annotations

from time import perf_counter


class Steps:
    """Seconds by step, on the clock that hangs on the wall."""

    def __init__(self) -> None:
        """Begin to count."""
        self.seconds: dict[str, float] = {}
        self._since = perf_counter()

    def end(self, step: str) -> None:
        """Say that what was done since the last step ended was of this one."""
        now = perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self._since
        self._since = now

    def rounded(self) -> dict[str, float]:
        """Return the seconds as they are shown."""
        return {step: round(seconds, 2) for step, seconds in self.seconds.items()}
