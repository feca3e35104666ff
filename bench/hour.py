"""Time the whole way from a leaked file to what every controller needs, as commands typed one after another.

    python bench/hour.py                  # 491,840 rows, 28 controllers
    python bench/hour.py --rows 20000     # a smaller twin
    python bench/hour.py --search         # and search all that was written for what must not be in it

Rules:

1. A synthetic twin is made first and is not timed; its registries, controllers and truth stand beside the leak.
2. Each step is the command that a user types, a process of its own, timed by the wall; a step of many calls (one
   registry each) is their sum.  A command that ends with an error ends the run: a share of a failed whole is nothing.
3. What a person does between two commands is done here by the truth and takes no time: the links in review are
   confirmed or refused, the decisions under article 34 signed, the proofs read.
4. The links are held to the truth of every registry: wrong and missed persons over all of them.
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


def run(*arguments: str, allowed: Sequence[int] = (0, 4)) -> float:
    """Run a command and return its seconds; ends the run where it fails."""
    start = time.perf_counter()
    done = subprocess.run([*ETANCHE, *arguments], capture_output=True, text=True, check=False, env=environment())
    if done.returncode not in allowed:
        sys.exit(f"etanche {arguments[0]}: exit {done.returncode}: {(done.stderr + done.stdout).strip()[-600:]}")
    return time.perf_counter() - start


def environment() -> dict[str, str]:
    """Return an environment in which nothing asks and nothing is kept in a keyring."""
    return {**os.environ, "ETANCHE_PASSPHRASE": "bench-of-the-whole-hour", "ETANCHE_KEYRING": "0"}


def steps(leak: Path, folder: Path) -> Iterator[tuple[str, float]]:
    """Yield each step with its seconds."""
    case, out, links = (str(folder / name) for name in ("case", "out", "links"))
    yield "triage: what is in it", run("triage", str(leak / "leak.txt"), "--case", case)
    Path(links).mkdir()
    yield "link: who exactly, 28 registries", sum(
        run("link", "--case", case, "--registry", str(registry), "--own", "--name", registry.stem,
            "--to", f"{links}/{registry.stem}.parquet")
        for registry in sorted((leak / "registries").glob("*.csv"))
    )  # fmt: skip
    controllers, lists = str(leak / "controllers.csv"), str(folder / "lists.csv")
    yield "respond: clocks and documents", run("respond", "--case", case, "--controllers", controllers, "--to", out)
    clerks(leak, folder)
    yield "decide: 28 decisions under article 34", run("decide", "--case", case, "--all", str(folder / "decisions.csv"))
    letters = ("letters", "--case", case, "--controllers", controllers)
    yield "letters: drafted, sealed", run(*letters, "--lists", lists)
    yield "letters: 20 proofs of each", run(*letters, "--proofs", "--to", out)
    run(*letters, "--proofs-read", "--by", "Anne Martin")
    yield "letters: released as PDF/UA-1", run(*letters, "--to", out)


def clerks(leak: Path, folder: Path) -> None:
    """Write what people say: which links in review hold, and each controller's decision."""
    truth = in_leak(leak)
    with (folder / "lists.csv").open("w", encoding="utf-8") as file:
        file.write("controller,registry_key,list\n")
        for laboratory, there in sorted(truth.items()):
            for person in pq.read_table(folder / "links" / f"{laboratory}.parquet").to_pylist():
                if person["decision"] == "review":
                    said = "confirmed" if str(person["registry_key"]) in there else "not_them"
                    file.write(f"{laboratory},{person['registry_key']},{said}\n")
    with (folder / "decisions.csv").open("w", encoding="utf-8") as file:
        file.write("controller,article,outcome,by,reasons\n")
        for laboratory in sorted(truth):
            file.write(f'{laboratory},34,inform,"Anne Martin, director","Health data read by strangers."\n')


def in_leak(leak: Path) -> dict[str, set[str]]:
    """Return the keys of each registry's persons who are in the leak."""
    truth = defaultdict(set)
    with (leak / "truth-registries.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file, delimiter=";"):
            if line["in_leak"] == "yes":
                truth[line["laboratory"]].add(line["id"])
    return truth


def verdict(leak: Path, links: Path) -> tuple[int, int, int]:
    """Return how many persons of all registries are in the leak, were told wrongly, and were missed."""
    truth = in_leak(leak)
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
    parser.add_argument("--search", action="store_true", help="search all that was written afterwards (search.py)")
    given = parser.parse_args()
    rows = given.rows
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
        print(f"({wrong / there:.3%}), {missed} missed ({missed / there:.3%}).\n", flush=True)
        if given.search:
            searched = [sys.executable, str(Path(__file__).with_name("search.py")), str(leak), f"{name}/out"]
            sys.exit(subprocess.run(searched, check=False).returncode)


if __name__ == "__main__":
    main()
