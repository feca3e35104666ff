"""Bytes that a library unpacks in the sandbox, as a stream."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from pathlib import Path

from etanche.errors import UserError
from etanche.ingest import sandbox
from etanche.ingest.entries import Entry
from etanche.ingest.frames import Frame
from etanche.ingest.limits import Limits
from etanche.ingest.seekable import for_child
from etanche.ingest.unpackers import CutError


class Foreign:
    """What `task` gives over an entry's bytes, whose frames carry nothing but bytes."""

    def __init__(self, entry: Entry, task: str, params: Mapping[str, object], limits: Limits) -> None:
        self._entry, self._task, self._params, self._limits = entry, task, params, limits
        self._frames = self._run()
        self._rest = b""
        self._out = 0

    def _run(self) -> Generator[bytes, None, None]:
        with for_child(self._entry, self._limits) as (path, how):
            yield from (
                body
                for _, body in frames_of(
                    self._task, path, {**self._params, **how}, self._limits, self._entry.outer.shown
                )
            )

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none only at the end.

        Raises `UserError` when the parser gives nothing, `CutError` when it stops after that.
        """
        while not self._rest:
            try:
                self._rest = next(self._frames)
            except StopIteration:
                return b""
            except UserError:
                if self._out:
                    raise CutError from None
                raise
        data, self._rest = self._rest[:size], self._rest[size:]
        self._out += len(data)
        return data

    def done(self) -> int:
        """Return the bytes given."""
        return self._out

    def close(self) -> None:
        """Stop the parser."""
        self._frames.close()


def frames_of(
    task: str, path: Path, params: Mapping[str, object], limits: Limits, shown: str
) -> Generator[Frame, None, None]:
    """Yield the frames of a parser in the sandbox, which is stopped with this generator."""
    frames = sandbox.run(task, path, params, limits, shown=shown)
    try:
        yield from frames
    finally:
        if isinstance(frames, Generator):
            frames.close()
