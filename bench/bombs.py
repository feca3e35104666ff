"""Bombs of archives, each opened and read to the end in a process of its own: seconds, memory, disk, and what is said.

    python bench/bombs.py [--scale 1.0] [--only WORD]

Scale 1 is the full size (10 GB out of each large one, a million members).  The peak of memory is that of the process
and of the parsers it starts; the disk is what was spilled at most.
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

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1] / "tests"))
from handmade_bombs import BOMBS  # noqa: E402


def opened(path: str, memory: int) -> None:
    """Read everything in a file and print what came of it as JSON."""
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    from etanche.errors import UserError
    from etanche.ingest import open_paths
    from etanche.ingest.seekable import Held

    most = 0
    write = Held.write

    def counted(held: Held, data: bytes) -> None:
        nonlocal most
        write(held, data)
        most = max(most, held.spill.size if held.spill is not None else 0)

    Held.write = counted  # type: ignore[method-assign]
    rows = tables = 0
    notes: set[str] = set()
    refused: dict[str, int] = {}
    error = ""
    started = time.perf_counter()
    try:
        opening = open_paths([Path(path)])
        for table in opening:
            tables += 1
            rows += sum(part.rows for part in table.parts())
            notes |= {note.code for note in table.notes}
        for item in opening.refused:
            refused[item.code] = refused.get(item.code, 0) + 1
    except UserError as fault:
        error = fault.code
    seconds = time.perf_counter() - started
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    said = {"tables": tables, "rows": rows, "notes": sorted(notes), "refused": refused, "error": error}
    print(json.dumps({"seconds": seconds, "peak": peak >> 10, "disk": most >> 20, **said}))


def main() -> None:
    """Make and open each bomb."""
    options = argparse.ArgumentParser()
    options.add_argument("--scale", type=float, default=1.0)
    options.add_argument("--only", default="")
    options.add_argument("--open", nargs=2, metavar=("FILE", "MEMORY"))
    given = options.parse_args()
    if given.open:
        opened(given.open[0], int(given.open[1]))
        return
    print("| bomb | bytes | seconds | peak MiB | disk MiB | tables | rows | what is said |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    for name, make in BOMBS.items():
        if given.only not in name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bombe"
            path.write_bytes(make(given.scale))
            size = path.stat().st_size
            command = [sys.executable, str(HERE), "--open", str(path), "0"]
            out = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        said = ", ".join([*out["notes"], *(f"{code} ×{count}" for code, count in out["refused"].items()), out["error"]])
        print(
            f"| {name} | {size:,} | {out['seconds']:.1f} | {out['peak']} | {out['disk']} | {out['tables']} "
            f"| {out['rows']:,} | {said.strip(', ')} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
