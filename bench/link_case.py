"""`etanche link` on a labelled case, measured from outside, beside a plain DuckDB join of the same two files.

    python bench/link_case.py ../shared/data/link-2021 [--times 10] [--work DIR]

The folder has `dump.parquet` (with `true_reg`) and `registry.parquet` (with `reg_id`).  `--times N` makes a registry
of N times as many persons: the others are made of the names, days and homes of different ones, so that nobody is twice
there.  Printed: seconds, peak memory, F1, wrong and missed of *notify*, and the error expected.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

_OTHERS = """
SELECT a.reg_id + {k} * 10000000 AS reg_id, a.birth_name, b.usual_name, c.first_name, c.sex, d.dob,
  left(a.nir, 1) || substr(d.dob, 3, 2) || substr(d.dob, 6, 2) || substr(b.nir, 6) AS nir,
  b.address, b.postcode, b.city,
  '06' || lpad(CAST(hash(b.phone || {k}) % 100000000 AS VARCHAR), 8, '0') AS phone
FROM n a JOIN n b ON b.i = (a.i + {k} * 7919) % {count} JOIN n c ON c.i = (a.i + {k} * 104729) % {count}
JOIN n d ON d.i = (a.i + {k} * 1299709) % {count}"""
"""Persons of other names, days and homes: each part is another's."""


def multiplied(registry: Path, times: int, target: Path) -> None:
    """Write a registry of several times as many persons."""
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.execute(
            "CREATE TABLE n AS SELECT row_number() OVER () - 1 AS i, * FROM read_parquet(?)", [str(registry)]
        )
        count = engine.sql("SELECT count(*) FROM n").fetchall()[0][0]
        every = ["SELECT * EXCLUDE (i) FROM n", *(_OTHERS.format(k=k, count=count) for k in range(1, times))]
        engine.execute(f"COPY ({' UNION ALL BY NAME '.join(every)}) TO '{target}' (FORMAT parquet)")


def joined(dump: Path, registry: Path) -> float:
    """Return the seconds of a plain join of both files by name, first name and birth date."""
    start = time.perf_counter()
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.execute(
            "SELECT count(*) FROM read_parquet(?) d JOIN read_parquet(?) r ON r.dob = d.dob AND "
            "upper(strip_accents(r.birth_name)) = upper(strip_accents(d.last_name)) AND "
            "upper(strip_accents(r.first_name)) = upper(strip_accents(d.first_name))",
            [str(dump), str(registry)],
        ).fetchall()
    return time.perf_counter() - start


def run(*words: str) -> tuple[float, str]:
    """Run a command of étanche; return its seconds and what it printed."""
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "etanche", *words], check=True, stdout=subprocess.PIPE, text=True)
    return time.perf_counter() - start, done.stdout


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser()
    options.add_argument("folder", type=Path)
    options.add_argument("--times", type=int, default=1)
    options.add_argument("--work", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(dir=given.work) as name:
        work = Path(name)
        dump, registry = given.folder / "dump.parquet", given.folder / "registry.parquet"
        if given.times > 1:
            multiplied(registry, given.times, work / "registry.parquet")
            registry = work / "registry.parquet"
        case = ("--case", str(work / "case"), "--key-file", str(work / "key"))
        run("triage", str(dump), *case)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds, said = run("link", *case, "--registry", str(registry), "--own", "--to", str(work / "out"), "--json")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        plain = joined(dump, registry)
        listed = pq.read_table(work / "out").to_pylist()
    truth = {one for one in pq.read_table(dump, columns=["true_reg"])["true_reg"].to_pylist() if one >= 0}
    told = {one["registry_key"] for one in listed if one["decision"] == "notify"}
    right, document = len(told & truth), json.loads(said)
    print(f"persons {document['registry']['persons']:,}; link {seconds:.1f} s wall, {busy:.1f} s of processor, "
          f"peak {after.ru_maxrss / 1024:.0f} MiB (the larger of triage and link); plain join {plain:.2f} s, "
          f"ratio {seconds / plain:.1f}")  # fmt: skip
    wrong, missed = len(told) - right, len(truth) - right
    # fmt: off
    print(f"F1 {2 * right / (len(told) + len(truth)):.4f}, wrong {100 * wrong / len(truth):.3f} %, "
          f"missed {100 * missed / len(truth):.3f} %, review {document['review']}; "
          f"expected wrong {document['error']['wrong_expected']} by {document['error']['basis']}, real {wrong}")


if __name__ == "__main__":
    main()
