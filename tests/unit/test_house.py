"""Habits of the house that no linter knows: size, silence, docstrings, commands documented, no index named."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from etanche.cli.app import app

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "etanche"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 400

# Written with gaps, so that this file does not name what it looks for.
INDEX_HOSTS = re.compile(
    r"https?://[^ \"'\s]*/simple(?:[/ \"']|$)|p[y]pi\.org|files\.p[y]thonhosted|--(?:extra-)?inde[x]-url[ =]",
    re.IGNORECASE | re.MULTILINE,
)


def committed() -> list[Path]:
    """The text files of the repository; all files below the root, environments apart, where it is no repository."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = listed.stdout.decode().split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    return [file for file in ROOT.rglob("*") if file.is_file() and not {".venv", ".git"} & set(file.parts)]


def relative(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_module_is_short_and_says_what_it_is(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST
    assert ast.get_docstring(ast.parse(text)), "a module opens with its rules"


def imported(module: Path) -> set[str]:
    """The packages a module imports, the standard library and its own apart."""
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names - {"etanche"}


def test_only_declared_packages_are_imported() -> None:
    """What another package happens to bring can leave with it: what is imported is a dependency of our own."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {distribution(requirement) for requirement in project["dependencies"]}
    brought_by = importlib.metadata.packages_distributions()
    borrowed = {
        f"{relative(module)}: {name}"
        for module in MODULES
        for name in imported(module)
        if not {distribution(found) for found in brought_by.get(name, [])} & declared
    }
    assert not borrowed


def distribution(requirement: str) -> str:
    """The normalised name of a requirement (PEP 503)."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def test_only_screens_speak() -> None:
    """Nothing is printed; the commands render through Rich, and `--json` writes to the stream it is given."""
    speaking = [
        relative(module)
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"print", "pprint"}
    ]
    assert not speaking


def commands() -> dict[str, Any]:
    """The commands of the application, by name."""
    found = typer.main.get_command(app).commands
    assert found
    return found


def sections() -> dict[str, str]:
    """The sections of the page of commands, by command."""
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    found = re.findall(r"^## etanche ([a-z-]+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return dict(found)


def test_every_command_is_documented() -> None:
    """The page has a section for every command there is, and for no other."""
    assert sections().keys() == commands().keys()


def test_every_option_is_documented() -> None:
    """Each section names each option of its command."""
    page = sections()
    missing = [
        f"{name} {option}"
        for name, command in commands().items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and option != "--help" and option not in page.get(name, "")
    ]
    assert not missing


def test_no_file_names_a_package_index() -> None:
    """Where packages come from is the user's affair."""
    naming = []
    for file in committed():
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if INDEX_HOSTS.search(text):
            naming.append(relative(file))
    assert not naming


def test_readmes_show_the_same_commands() -> None:
    english, french = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.fr.md"))
    made = re.compile(r"make [a-z-]+|etanche [a-z]+|`(?:hold|release|purge)`")
    assert set(made.findall(english)) == set(made.findall(french))
    assert english.count("\n## ") == french.count("\n## ")


@pytest.mark.parametrize("page", sorted(ROOT.glob("*.md")), ids=relative)
def test_pages_of_the_root_link_to_what_is_there(page: Path) -> None:
    """MkDocs holds the links of docs/; nobody else holds these."""
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (ROOT / target).is_file()]


def test_the_readme_makes_what_can_be_made() -> None:
    rules = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(
        re.findall(
            r"make ([a-z-]+)",
            "".join(re.findall(r"`[^`]+`|^\$ .*$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)),
        )
    )
    assert named
    assert named <= rules


def test_the_index_lists_every_decision() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "index.md").read_text(encoding="utf-8"))
    assert listed == sorted(file.name for file in folder.glob("[0-9]*.md"))
