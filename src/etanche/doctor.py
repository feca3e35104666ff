"""What is installed, what is missing, and what each missing part would add.

Rules, in the order in which they apply:

1. Nothing is installed, changed or sent; programs are only asked for their version, and not waited for long.
2. A part that is *needed* and absent stops étanche; an optional one takes away what `adds` says.
3. `adds` is a code of `words/<language>/doctor.toml`; the finding carries no sentence.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from etanche.casefile import ring
from etanche.config import GIB, Config

WHEELS = (
    "duckdb",
    "ibis-framework",
    "packaging",
    "pyarrow-hotfix",
    "sqlglot",
    "pyarrow",
    "numpy",
    "pyrage",
    "cryptography",
    "zstandard",
    "keyring",
    "platformdirs",
    "typer",
    "rich",
    "ftfy",
    "orjson",
    "python-calamine",
    "msoffcrypto-tool",
    "pyzipper",
    "py7zr",
    "inflate64",
    "pyppmd",
    "rarfile",
    "libarchive-c",
    "markdown-it-py",
    "olefile",
    "pdfplumber",
    "pdfminer.six",
    "pypdfium2",
    "typst",
)
"""What the base install brings."""

_LIBRARIES = (("libarchive", "archive"),)
_PROGRAMS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("unrar", ("unrar",), ()),
    ("unar", ("unar",), ("-version",)),
    ("7z", ("7zz", "7z", "7za"), ()),
    ("mdbtools", ("mdb-export",), ("--version",)),
    ("pg_restore", ("pg_restore",), ("--version",)),
    ("java", ("java",), ("-version",)),
    ("chromium", ("chromium", "chromium-browser", "google-chrome"), ("--version",)),
)
_VERSION = re.compile(r"\d+(?:\.\d+)+")
_PATIENCE = 5
_MEMORY_NEEDED = 2 * GIB
_SPACE_NEEDED = 2 * GIB


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: is it there, in which version (or amount), and what it adds (code of `doctor.toml`)."""

    name: str
    present: bool
    version: str
    """A version, a name, or an amount with its unit; empty when there is none to tell."""
    adds: str
    needed: bool = False


def examine(config: Config | None = None, folder: Path | None = None) -> tuple[Finding, ...]:
    """Return what étanche finds on this machine; `folder` is where cases would lie (default: the present one)."""
    config = config or Config()
    return (
        Finding("python", True, platform.python_version(), "python", needed=True),
        *(_wheel(name) for name in WHEELS),
        *(_library(name, stem) for name, stem in _LIBRARIES),
        *(_program(*program) for program in _PROGRAMS),
        _keyring(config),
        _swap(),
        _core_dumps(),
        _memory(),
        _space(folder or Path.cwd()),
    )


def _wheel(name: str) -> Finding:
    try:
        return Finding(name, True, metadata.version(name), "wheel", needed=True)
    except metadata.PackageNotFoundError:
        return Finding(name, False, "", "wheel", needed=True)


def _library(name: str, stem: str) -> Finding:
    found = ctypes.util.find_library(stem)
    return Finding(name, found is not None, found or "", name)


def _program(name: str, commands: tuple[str, ...], arguments: tuple[str, ...]) -> Finding:
    found = next(filter(None, map(shutil.which, commands)), None)
    return Finding(name, found is not None, _version(found, arguments) if found else "", name)


def _version(program: str, arguments: tuple[str, ...]) -> str:
    """Return the first version number that a program tells, empty when it tells none in time."""
    try:
        done = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    match = _VERSION.search((done.stdout + done.stderr).decode("utf-8", "replace"))
    return match[0] if match else ""


def _keyring(config: Config) -> Finding:
    backend = ring.backend(prompt=False) if config.keyring else None
    return Finding("system_keyring", backend is not None, backend or "", "keyring")


def _swap() -> Finding:
    """Tell whether memory stays off the disk: no swap, compressed memory (zram) and encrypted swap are fine."""
    try:
        lines = Path("/proc/swaps").read_text(encoding="utf-8").splitlines()[1:]
    except OSError:
        return Finding("swap", False, "", "swap")
    devices = [line.split()[0] for line in lines if line.strip()]
    return Finding("swap", all(map(_protected, devices)), " ".join(devices) or "0", "swap")


def _protected(device: str) -> bool:
    """Tell whether a swap device is compressed memory (zram) or encrypted (dm-crypt)."""
    name = Path(os.path.realpath(device)).name
    if name.startswith("zram"):
        return True
    try:
        return Path(f"/sys/block/{name}/dm/uuid").read_text(encoding="ascii").startswith("CRYPT-")
    except (OSError, ValueError):
        return False


def _core_dumps() -> Finding:
    """Tell whether a crash leaves the memory alone: a limit of 0 does not hold where dumps go to a program (`|…`)."""
    soft, _ = resource.getrlimit(resource.RLIMIT_CORE)
    prctl = sys.platform == "linux" and hasattr(ctypes.CDLL(None), "prctl")
    return Finding("core_dumps", prctl or soft == 0, "0" if soft == 0 else "", "core_dumps")


def _memory() -> Finding:
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
        size = int(re.search(r"MemAvailable:\s+(\d+) kB", text)[1]) * 1024  # type: ignore[index]
    except (OSError, TypeError):
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Finding("memory", size >= _MEMORY_NEEDED, _amount(size), "memory")


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    return Finding("space", free >= _SPACE_NEEDED, _amount(free), "space")


def _amount(size: int) -> str:
    return f"{size / GIB:.1f} GiB"
