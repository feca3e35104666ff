"""Make a folder from which étanche installs on a machine without a network: wheels, documentation, one line to type.

    python scripts/bundle.py DIR [--wheels DIR] [--docs DIR] [--python 3.12 --platform manylinux_2_28_x86_64]

Rules, in the order in which they apply:

1. What is bundled is what `requirements.txt` pins by hash, and étanche as this checkout has it; wheels alone.
2. The folder installs by hashes: each wheel is the one that was pinned, étanche's own the one that was built here.
3. `SHA256SUMS` covers every file: who carries the folder writes its hash down and compares it on arrival.
4. The folder is made whole or not at all, and never over one that is there.

Wheels come from wherever pip of this environment is told to look, or from a folder (`--wheels`), for this machine's
Python and platform or for those named.  The same checkout and wheels always give the same list of files.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "src")
SUMS = "SHA256SUMS"

INSTALL = """#!/bin/sh
# Installs étanche into a new environment (DIR, or ./etanche), from this folder alone: no network is asked.
#     sh install.sh [DIR]
# PYTHON=/path/to/python3 chooses the Python; it must be {python}.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${{1:-etanche}}
python=${{PYTHON:-python3}}
(cd "$here" && sha256sum --quiet -c {sums})
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if [ "$found" != "{python}" ]; then
    echo "Python {python} is needed, $python is $found: set PYTHON=/path/to/python{python}" >&2
    exit 1
fi
"$python" -m venv "$target"
"$target/bin/python" -m pip --isolated --disable-pip-version-check install --quiet --no-index --no-cache-dir \\
    --find-links "$here/wheels" --only-binary :all: --require-hashes -r "$here/requirements.txt"
"$target/bin/etanche" --version
"""

README = """étanche, to be installed without a network
==========================================

    sh install.sh

makes an environment in ./etanche and installs what is in wheels/, checked by hash (requirements.txt, SHA256SUMS).
Python {python} is needed ({platform}).  Then:

    etanche/bin/etanche doctor

Without a shell, the same by hand:

    python3 -m venv etanche
    etanche/bin/pip install --no-index --find-links wheels --require-hashes -r requirements.txt

The documentation is in docs/: open docs/index.html in a browser; it asks nothing of the network.

--------------------------------------------------------------------------------------------------------------------

étanche, à installer sans réseau
================================

    sh install.sh

crée un environnement dans ./etanche et y installe ce qui est dans wheels/, vérifié par empreinte.
Il faut Python {python} ({platform}).  La documentation est dans docs/ : ouvrez docs/index.html.

Before you carry the folder, note the hash of SHA256SUMS, and compare it where you arrive:
    sha256sum SHA256SUMS
"""


def pip(*arguments: str | Path) -> None:
    """Run pip of this environment; `SystemExit` with its last line where it fails."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise SystemExit(f"pip {arguments[0]} failed: {lines[-1] if lines else done.stderr.strip()[-300:]}")


def build(wheels: Path) -> Path:
    """Build étanche's own wheel from a copy of the sources, so that the checkout stays clean; return it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "etanche"
        copy.mkdir()
        for name in SOURCES:
            source = ROOT / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "*.pyc")
                shutil.copytree(source, copy / name, ignore=ignored)
            else:
                shutil.copy2(source, copy / name)
        pip("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", wheels, copy)
    (found,) = wheels.glob("etanche-*.whl")
    return found


def gather(wheels: Path, known: Path | None, target: Sequence[str]) -> None:
    """Bring every pinned wheel into a folder, each checked by its hash."""
    source = ["--no-index", "--find-links", str(known)] if known else []
    pinned = ["--require-hashes", "-r", str(ROOT / "requirements.txt")]
    pip("download", "--quiet", "--no-deps", "--only-binary", ":all:", *pinned, *source, *target, "--dest", wheels)


def requirements(own: Path) -> str:
    """Return what is installed: what is pinned, and étanche's own wheel by the hash that it has here."""
    version = own.name.split("-")[1]
    digest = sha256(own.read_bytes()).hexdigest()
    return (ROOT / "requirements.txt").read_text(encoding="utf-8") + f"etanche=={version} --hash=sha256:{digest}\n"


def sums(folder: Path) -> str:
    """Return the hash of every file of a folder, as `sha256sum -c` reads it."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != SUMS)
    return "".join(
        f"{sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder).as_posix()}\n" for file in files
    )


def bundle(to: Path, known: Path | None, docs: Path | None, python: str, platform: str | None) -> Path:
    """Make the bundle; return its folder.  `SystemExit` where it is there, or anything fails."""
    if to.exists():
        raise SystemExit(f"{to} is there: choose a new folder")
    target = ["--python-version", python] if python != this_python() or platform else []
    target += ["--platform", platform] if platform else []
    partial = to.with_name(f".{to.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        wheels = partial / "wheels"
        wheels.mkdir(parents=True)
        gather(wheels, known, target)
        own = build(wheels)
        said = {"python": python, "platform": platform or "as this machine", "sums": SUMS}
        (partial / "requirements.txt").write_text(requirements(own), encoding="utf-8")
        (partial / "install.sh").write_text(INSTALL.format(**said), encoding="utf-8")
        (partial / "README.txt").write_text(README.format(**said), encoding="utf-8")
        for name in ("LICENSE", "NOTICE"):
            shutil.copy2(ROOT / name, partial / name)
        if docs is not None:
            shutil.copytree(docs, partial / "docs")
        (partial / SUMS).write_text(sums(partial), encoding="utf-8")
        partial.rename(to)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return to


def this_python() -> str:
    """Return the version of this Python that wheels are made for ("3.11")."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def main() -> None:
    """Read the command line and make the bundle."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("to", type=Path, metavar="DIR", help="a new folder")
    parser.add_argument("--wheels", type=Path, metavar="DIR", help="take the wheels from a folder, and ask no network")
    parser.add_argument("--docs", type=Path, metavar="DIR", help="the documentation as a site (make docs)")
    parser.add_argument("--python", default=this_python(), help="for another Python than this one, such as 3.12")
    parser.add_argument("--platform", help="for another platform, such as manylinux_2_28_x86_64")
    asked = parser.parse_args()
    made = bundle(asked.to, asked.wheels, asked.docs, asked.python, asked.platform)
    size = sum(file.stat().st_size for file in made.rglob("*") if file.is_file())
    digest = sha256((made / SUMS).read_bytes()).hexdigest()
    print(f"{made}: {len(list((made / 'wheels').iterdir()))} wheels, {size / 2**20:.0f} MiB; {SUMS} {digest}")


if __name__ == "__main__":
    main()
