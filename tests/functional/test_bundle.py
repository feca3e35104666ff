"""The offline bundle: made whole or not at all, installed by hashes without a network."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bundling():
    """Return the program as a module."""
    spec = importlib.util.spec_from_file_location("bundle", ROOT / "scripts" / "bundle.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def without_pip(bundling, monkeypatch):
    """Let pip bring two wheels and build ours; return what it was asked."""
    asked = []

    def pip(*arguments):
        said = [str(argument) for argument in arguments]
        asked.append(said)
        where = Path(said[said.index("--dest" if said[0] == "download" else "--wheel-dir") + 1])
        names = ["a-1-py3-none-any.whl", "b-2-py3-none-any.whl"] if said[0] == "download" else ["etanche-0.1.0-py3.whl"]
        for name in names:
            (where / name).write_bytes(name.encode())

    monkeypatch.setattr(bundling, "pip", pip)
    return asked


def test_what_is_in_a_bundle(bundling, without_pip, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<p>", encoding="utf-8")
    made = bundling.bundle(tmp_path / "bundle", None, tmp_path / "site", bundling.this_python(), None)
    names = {file.relative_to(made).as_posix() for file in made.rglob("*") if file.is_file()}
    assert {"install.sh", "README.txt", "LICENSE", "NOTICE", "docs/index.html", "wheels/etanche-0.1.0-py3.whl"} <= names
    pinned = (made / "requirements.txt").read_text(encoding="utf-8")
    assert pinned.startswith((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    assert f"etanche==0.1.0 --hash=sha256:{sha256(b'etanche-0.1.0-py3.whl').hexdigest()}\n" in pinned
    sums = dict(reversed(line.split("  ")) for line in (made / "SHA256SUMS").read_text().splitlines())
    assert sums.keys() == names - {"SHA256SUMS"}
    assert sums["wheels/a-1-py3-none-any.whl"] == sha256(b"a-1-py3-none-any.whl").hexdigest()
    download, wheel = without_pip
    assert {"--require-hashes", "--no-deps"} <= set(download)
    assert download[download.index("--only-binary") + 1] == ":all:"
    assert {"--no-deps", "--no-index"} <= set(wheel)
    assert not list(tmp_path.glob(".*"))


def test_for_another_machine_and_from_a_folder(bundling, without_pip, tmp_path):
    bundling.bundle(tmp_path / "bundle", tmp_path, None, "3.13", "manylinux_2_28_aarch64")
    download = without_pip[0]
    assert download[download.index("--platform") + 1] == "manylinux_2_28_aarch64"
    assert download[download.index("--python-version") + 1] == "3.13"
    assert "--no-index" in download
    assert '"3.13"' in (tmp_path / "bundle" / "install.sh").read_text(encoding="utf-8")


def test_never_over_one_that_is_there_and_nothing_half_made(bundling, tmp_path, monkeypatch):
    (tmp_path / "there").mkdir()
    with pytest.raises(SystemExit, match="is there"):
        bundling.bundle(tmp_path / "there", None, None, "3.11", None)

    def fail(*arguments):
        raise SystemExit("no wheel")

    monkeypatch.setattr(bundling, "pip", fail)
    with pytest.raises(SystemExit, match="no wheel"):
        bundling.bundle(tmp_path / "bundle", None, None, "3.11", None)
    assert [file.name for file in tmp_path.iterdir()] == ["there"]


def test_the_script_is_one_that_a_shell_reads(bundling, without_pip, tmp_path):
    made = bundling.bundle(tmp_path / "bundle", None, None, "3.11", None)
    read = subprocess.run(["sh", "-n", str(made / "install.sh")], capture_output=True, check=False)  # noqa: S607
    assert read.returncode == 0, read.stderr
    (made / "wheels" / "a-1-py3-none-any.whl").write_bytes(b"another")
    refused = subprocess.run(
        ["sh", str(made / "install.sh"), str(tmp_path / "etanche")],  # noqa: S607
        capture_output=True,
        check=False,
    )
    assert refused.returncode != 0
    assert b"a-1-py3-none-any.whl" in refused.stdout
    assert not (tmp_path / "etanche").exists()


@pytest.mark.long
def test_it_installs_without_a_network(bundling, tmp_path):
    """In a fresh environment that no index, no cache and no configuration of pip reaches."""
    try:
        made = bundling.bundle(tmp_path / "bundle", None, None, bundling.this_python(), None)
    except SystemExit as error:
        pytest.skip(f"the wheels are not to be had here: {error}")
    apart = ["unshare", "-rn"] if shutil.which("unshare") and not subprocess.call(["unshare", "-rn", "true"]) else []  # noqa: S607
    home = tmp_path / "home"
    home.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHON": sys.executable, "PIP_NO_INDEX": "1"}

    def run(*command):
        options = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True}
        return subprocess.run([*apart, *command], check=False, **options)

    installed = run("sh", str(made / "install.sh"), "etanche")
    assert installed.returncode == 0, installed.stderr
    assert "etanche 0." in installed.stdout
    (tmp_path / "c.csv").write_text("code;name\nLAB01;Un\n", encoding="utf-8")
    command = [str(tmp_path / "etanche" / "bin" / "etanche")]
    made = run(*command, "respond", "--new", "--case", "case", "--controllers", "c.csv", "--key-file", "key")
    assert made.returncode == 0, made.stderr
    shown = run(*command, "exposure", "--case", "case", "--controller", "LAB01", "--to", "out")
    assert shown.returncode == 0, shown.stderr
    assert (tmp_path / "out" / "LAB01" / "privileged" / "exposure.pdf").read_bytes().startswith(b"%PDF-")
