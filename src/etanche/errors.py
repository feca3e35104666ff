"""One root for every error étanche raises on purpose.

Rules, in the order in which they apply:

1. A fault that the user can mend is a `UserError`: a message code, parameters for its wording, an exit code.
2. The words (message and advice, French and English) live in `words/<language>/errors.toml` under the code.
3. Parameters never hold a person's data: a line number, a path, a count, never a cell.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The contract of every command (design, "The command line")."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    UNREADABLE = 3
    DONE_WITH_QUARANTINE = 4
    REFUSED = 5


class EtancheError(Exception):
    """Root of the errors that étanche raises."""


class UserError(EtancheError):
    """A fault the user can mend; rendered as one line: what happened, then what to do.

    `code` names an entry of `words/<language>/errors.toml` that holds both; `params` fill its placeholders.
    """

    def __init__(self, code: str, exit_code: ExitCode = ExitCode.FAILED, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.exit_code = exit_code
        self.params = params
