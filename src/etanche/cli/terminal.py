"""What a command needs of the terminal: two consoles, the words, progress, questions when somebody is there."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.model import Reason
from etanche.words import LANGUAGES, Words


class Terminal:
    """The screen of one command."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.words = Words(config.language)
        colour: dict[str, Any] = {} if config.colour is None else {"no_color": not config.colour}
        self.out = Console(highlight=False, soft_wrap=False, **colour)
        self.err = Console(stderr=True, highlight=False, soft_wrap=True, **colour)

    def speak(self, language: str) -> None:
        """Change the language; `UserError` (usage) for one that there is not."""
        if language not in LANGUAGES:
            raise UserError("config_language", ExitCode.USAGE, value=language)
        self.config = replace(self.config, language=language)
        self.words = Words(language)

    @property
    def attended(self) -> bool:
        """Tell whether somebody is there to answer."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def say(self, line: str) -> None:
        """Write one line on the way, to standard error."""
        self.err.print(printable(line), markup=False)

    def notice(self, reason: Reason) -> None:
        """Tell something once."""
        for section in ("casefile.key", "casefile", "ingest"):
            if self.words.find(f"{section}.{reason.code}") is not None:
                self.say(self.words(f"{section}.{reason.code}", **dict(reason.params)))
                return
        raise KeyError(reason.code)

    def fault(self, error: UserError, debug: bool) -> int:
        """Write a fault as one line; return its exit code."""
        line = " ".join(self.words(f"errors.{error.code}", **error.params).split())
        self.err.print(f"[bold red]etanche:[/] {escape(printable(line))}")
        if debug:
            self.err.print("".join(traceback.format_exception(error)), markup=False)
        return int(error.exit_code)

    def ask(self, question: str) -> str:
        """Ask for a line; an empty answer is an answer."""
        return str(self.err.input(f"{escape(question)} ")).strip()

    def ask_passphrase(self, new: bool) -> str:
        """Ask for a passphrase, a new one twice; empty declines."""
        first = str(self.err.input(f"{escape(self.words('cli.passphrase'))} ", password=True))
        if (
            new
            and first
            and first != str(self.err.input(f"{escape(self.words('cli.passphrase_again'))} ", password=True))
        ):
            raise UserError("passphrases_differ", ExitCode.USAGE)
        return first

    @contextmanager
    def progress(self) -> Iterator[Callable[[str, int, int], None]]:
        """Yield what reports progress: stage, done, total; silent where nobody looks."""
        if not self.err.is_terminal:
            yield lambda _stage, _done, _total: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
        with Progress(*columns, TimeRemainingColumn(), console=self.err, transient=True) as bars:
            task: list[TaskID] = [bars.add_task("", total=None)]

            def report(stage: str, done: int, total: int) -> None:
                bars.update(task[0], description=self.words(f"cli.stage.{stage}"), completed=done, total=total or None)

            yield report


def printable(text: str) -> str:
    """Return the text without what would move a terminal's cursor or reverse its reading."""
    return "".join(char if char == "\n" or _harmless(char) else "�" for char in text)


def _harmless(char: str) -> bool:
    code = ord(char)
    controls = code < 0x20 or 0x7F <= code < 0xA0
    directions = 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069 or code in (0x200E, 0x200F, 0x061C)
    return not controls and not directions
