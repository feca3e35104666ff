"""`etanche triage`: what is in the leaked files."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from etanche.cli.options import content
from etanche.cli.terminal import Terminal
from etanche.errors import ExitCode, UserError

Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH...", readable=False, help="Leaked files or folders; none with --resume."),
]
Case = Annotated[
    Path, typer.Option("--case", metavar="DIR", readable=False, help="Case folder: where everything is kept.")
]
KeyFile = Annotated[
    Path | None, typer.Option(metavar="FILE", readable=False, help="Key of the case; made when the file is not there.")
]


def triage(
    context: typer.Context,
    case: Case,
    paths: Paths = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the census, and nothing else, on stdout.")] = False,
    corrections: Annotated[
        Path | None,
        typer.Option(
            "--map", metavar="FILE", readable=False, help="Corrected kinds and roles of columns (TOML or CSV)."
        ),
    ] = None,
    table: Annotated[str | None, typer.Option(help="Which table, when the files hold several shapes.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Take an existing case up again.")] = False,
    new: Annotated[bool, typer.Option("--new", help="Destroy the existing case and start afresh.")] = False,
    from_whom: Annotated[str | None, typer.Option("--from", metavar="TEXT", help="Who gave the file.")] = None,
    how: Annotated[str | None, typer.Option(metavar="TEXT", help="How it was obtained.")] = None,
    when: Annotated[str | None, typer.Option(metavar="TEXT", help="When it was obtained.")] = None,
    ground: Annotated[str | None, typer.Option(metavar="TEXT", help="On what ground it is held.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Day by which it is to be destroyed.")] = None,
    reference_date: Annotated[
        str | None, typer.Option(metavar="DATE", help="Day at which ages are counted (default: the last sample).")
    ] = None,
    known_recipients: Annotated[
        bool, typer.Option("--known-recipients", help="Severity: who received the data is known.")
    ] = False,
    accidental: Annotated[bool, typer.Option("--accidental", help="Severity: nobody meant harm.")] = False,
    password_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", readable=False, help="Passwords, one a line, tried on whatever is locked."),
    ] = None,
    key_file: KeyFile = None,
) -> int:
    """Say what is in leaked files: census.json and report.html in the case folder."""
    from etanche import case as story

    terminal: Terminal = context.obj
    if not paths and not resume:
        raise UserError("nothing_to_triage", ExitCode.USAGE)
    if resume and new:
        raise UserError("resume_or_new", ExitCode.USAGE)
    stated = {"from_whom": from_whom, "how": how, "when": when, "ground": ground, "until": until}
    day = story.parse_day(reference_date) if reference_date else None
    limit = story.parse_until(until) if until else None
    asking = terminal.attended and not as_json

    def acquisition() -> story.Acquisition:
        said = _asked(terminal, stated, story.parse_until) if asking else stated
        last = story.parse_until(said["until"]) if said["until"] else limit
        texts = {name: story.encodable(text) for name, text in said.items() if text}
        from_whom, how, when, ground = map(texts.get, ("from_whom", "how", "when", "ground"))
        stated_as = story.Acquisition(from_whom, how, when, ground, last)
        for warning in stated_as.warnings(_today(terminal)):
            terminal.notice(warning)
        return stated_as

    request = story.TriageRequest(
        paths=tuple(paths or ()),
        case=case,
        corrections=content(corrections),
        table=table,
        resume=resume,
        new=new,
        acquisition=acquisition,
        stated=any(value is not None for value in stated.values()),
        reference=day,
        circumstances=story.Circumstances(0.25 if known_recipients else 0.5, malicious=not accidental),
        passwords=password_file,
        keys=story.KeyOptions(key_file, terminal.ask_passphrase if asking else None),
    )

    def first_lines(lines: Sequence[str]) -> None:
        for line in [] if as_json else lines:
            terminal.say(line)

    with terminal.progress() as progress:
        triaged = story.triage(request, terminal.config, story.Hooks(progress, first_lines, terminal.notice))
    if as_json:
        typer.echo(json.dumps(triaged.document, ensure_ascii=False))
    else:
        story.show(triaged, terminal.config.language, terminal.out)
    return int(triaged.exit_code)


def _asked(
    terminal: Terminal, stated: dict[str, str | None], check_until: Callable[[str], object]
) -> dict[str, str | None]:
    """Ask for what the options did not say; a day that is none is asked for again."""
    answers = dict(stated)
    if any(value is None for value in stated.values()):
        terminal.say(terminal.words("cli.acquisition.intro"))
    for name, value in stated.items():
        while value is None:
            answers[name] = terminal.ask(terminal.words(f"cli.acquisition.{name}")) or None
            try:
                if name == "until" and answers[name]:
                    check_until(answers[name] or "")
            except UserError as error:
                terminal.fault(error, None)
                continue
            break
    return answers


def _today(terminal: Terminal) -> date:
    return terminal.config.now().date()


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("triage")(triage)
