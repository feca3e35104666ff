"""Time the whole way from a leaked file to what every controller needs, as commands typed one after another.

    python bench/hour.py                  # 491,840 rows, 28 controllers
    python bench/hour.py --rows 20000     # a smaller twin

Rules:

1. A synthetic twin is made first and is not timed; its registries, controllers and truth stand beside the leak.
2. Each step is the command that a user types, a process of its own, timed by the wall; a step of many calls (one
   registry each) is their sum.  A command that ends with an error ends the run: a share of a failed whole is nothing.
3. The links are held to the truth of every registry: wrong and missed persons over all of them.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq

ETANCHE = [sys.executable, "-m", "etanche"]


def run(*arguments: str, allowed: Sequence[int] = (0,)) -> float:
    """Run a command and return its seconds; ends the run where it fails."""
    start = time.perf_counter()
    done = subprocess.run([*ETANCHE, *arguments], capture_output=True, text=True, check=False, env=environment())
    if done.returncode not in allowed:
        sys.exit(f"etanche {arguments[0]}: exit {done.returncode}: {done.stderr.strip()[-300:]}")
    return time.perf_counter() - start


def environment() -> dict[str, str]:
    """Return an environment in which nothing asks and nothing is kept in a keyring."""
    return {**os.environ, "ETANCHE_PASSPHRASE": "bench-of-the-whole-hour", "ETANCHE_KEYRING": "0"}


def steps(leak: Path, folder: Path) -> Iterator[tuple[str, float]]:
    """Yield each step with its seconds."""
    case, out, links = (str(folder / name) for name in ("case", "out", "links"))
    yield "triage: what is in it", run("triage", str(leak / "leak.txt"), "--case", case, allowed=(0, 4))
    Path(links).mkdir()
    yield "link: who exactly, 28 registries", sum(
        run("link", "--case", case, "--registry", str(registry), "--own", "--name", registry.stem,
            "--to", f"{links}/{registry.stem}.parquet")
        for registry in sorted((leak / "registries").glob("*.csv"))
    )  # fmt: skip
    controllers = str(leak / "controllers.csv")
    yield "respond: clocks and documents", run("respond", "--case", case, "--controllers", controllers, "--to", out)


def verdict(leak: Path, links: Path) -> tuple[int, int, int]:
    """Return how many persons of all registries are in the leak, were told wrongly, and were missed."""
    truth = defaultdict(set)
    with (leak / "truth-registries.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file, delimiter=";"):
            if line["in_leak"] == "yes":
                truth[line["laboratory"]].add(line["id"])
    wrong = missed = 0
    for laboratory, there in truth.items():
        listed = pq.read_table(links / f"{laboratory}.parquet").to_pylist()
        told = {str(person["registry_key"]) for person in listed if person["decision"] == "notify"}
        wrong += len(told - there)
        missed += len(there - told)
    return sum(map(len, truth.values())), wrong, missed


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rows", type=int, default=491_840)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        leak = Path(name) / "twin"
        run("replica", str(leak), "--rows", str(rows))
        taken = list(steps(leak, Path(name)))
        total = sum(seconds for _, seconds in taken)
        print(f"\n| {rows:,} rows, 28 controllers | seconds | share |\n| --- | ---: | ---: |")
        for step, seconds in taken:
            print(f"| {step} | {seconds:,.1f} | {seconds / total:.0%} |")
        print(f"| **all** | **{total:,.1f}** ({total / 60:.1f} min) | |")
        there, wrong, missed = verdict(leak, Path(name) / "links")
        print(f"\nLinks: {there:,} persons of the registries are in the leak; {wrong} told wrongly ", end="")
        print(f"({wrong / there:.3%}), {missed} missed ({missed / there:.3%}).")


if __name__ == "__main__":
    main()
