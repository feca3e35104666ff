"""A large CSV in a zip, made on the fly and read in constant memory, beside programs that only unpack it.

    python bench/big_zip.py [--gib 5] [--members 1] [--folder DIR]

Each program runs in a process of its own; its peak is the largest resident size that the system saw.  The zip lies in a
temporary folder and is removed at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve()
HEADER = "id;nom;prenom;naissance;adresse;ville;telephone;nir;medecin;date;examen;resultat\n"
NAMES = ("Lefèvre", "Müller", "Le Goff", "Dupont", "O’Brien", "Lambert", "Garnier", "Faure", "Rousseau", "Blanc")
TOWNS = ("Brest", "Orléans", "Saint-Étienne", "Nîmes", "Lorient", "Vannes", "Angers", "Évreux")


def lines(seed: int) -> Iterator[str]:
    """Yield made-up rows of some 150 bytes."""
    rng = random.Random(seed)
    while True:
        number = rng.getrandbits(60)
        yield (
            f"{number};{NAMES[number % 10]};{NAMES[number % 7]};"
            f"{number % 28 + 1:02}/{number % 12 + 1:02}/{1930 + number % 80};"
            f"{number % 200} rue de la République;{TOWNS[number % 8]};06{number % 10**8:08};{number % 10**15:015};"
            f"Dr {NAMES[number % 9]};2021-0{number % 9 + 1}-1{number % 10};NFS;{number % 997 / 10}\n"
        )


def make(path: Path, size: int, members: int) -> None:
    """Write the zip: a few thousand different rows in blocks, numbered so that no block equals another."""
    source = lines(1)
    block = "".join(next(source) for _ in range(7000)).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for member in range(members):
            with archive.open(f"fuite-{member}.csv", "w", force_zip64=True) as file:
                file.write(HEADER.encode())
                for k in range(max(1, size // members // len(block))):
                    at = (k * 7919) % len(block)
                    at = block.index(b"\n", at) + 1
                    file.write(b"%d" % k + block[at:] + block[:at])


def by_etanche(path: Path) -> int:
    from etanche.ingest import open_paths

    rows = 0
    for table in open_paths([path]):
        for part in table.parts():
            rows += part.rows
        rows += table.ledger.quarantined
    return rows


def by_zipfile(path: Path) -> int:
    count = 0
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with archive.open(name) as file:
                while data := file.read(1 << 20):
                    count += data.count(b"\n")
            count -= 1
    return count


def by_duckdb(path: Path) -> int:
    """Count by DuckDB, which reads no zip: the bytes reach it through a pipe."""
    import threading

    import duckdb

    total = 0
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
        for name in archive.namelist():
            pipe = Path(folder) / "pipe"
            os.mkfifo(pipe)

            def feed(name: str = name, pipe: Path = pipe) -> None:
                with archive.open(name) as file, pipe.open("wb") as out:
                    shutil.copyfileobj(file, out, 1 << 20)

            thread = threading.Thread(target=feed)
            thread.start()
            columns = ", ".join(f"'{name}': 'VARCHAR'" for name in HEADER.strip().split(";"))
            asked = (
                f"delim=';', header=true, auto_detect=false, columns={{{columns}}}, null_padding=true, parallel=false"
            )
            query = f"SELECT count(*) FROM read_csv('{pipe}', {asked}, strict_mode=false)"
            total += duckdb.sql(query).fetchone()[0]
            thread.join()
            pipe.unlink()
    return total


WAYS = {"étanche, all parts": by_etanche, "Python zipfile, line ends": by_zipfile, "zipfile | DuckDB, rows": by_duckdb}


def run_one(way: str, path: Path) -> None:
    started = time.perf_counter()
    rows = WAYS[way](path)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(json.dumps([rows, seconds, peak]))


def main() -> None:
    """Make the zip, run each way, print the table."""
    options = argparse.ArgumentParser()
    options.add_argument("--gib", type=float, default=5.0)
    options.add_argument("--members", type=int, default=1)
    options.add_argument("--folder")
    options.add_argument("--run", nargs=2)
    given = options.parse_args()
    if given.run:
        run_one(given.run[0], Path(given.run[1]))
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        path = Path(folder) / "leak.zip"
        make(path, int(given.gib * (1 << 30)), given.members)
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
        packed = path.stat().st_size / (1 << 20)
        print(f"{size / (1 << 30):.2f} GiB in a zip of {packed:.0f} MiB, {given.members} member(s)")
        print("| way | rows | seconds | MiB/s | peak MiB |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for way in WAYS:
            command = [sys.executable, str(HERE), "--run", way, str(path)]
            rows, seconds, peak = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(f"| {way} | {rows:,} | {seconds:.1f} | {size / (1 << 20) / seconds:.0f} | {peak} |", flush=True)
        if shutil.which("unzip"):
            started = time.perf_counter()
            out = subprocess.run(
                f"unzip -p {path} | wc -l", shell=True, check=True, capture_output=True, text=True
            ).stdout
            seconds = time.perf_counter() - started
            speed = size / (1 << 20) / seconds
            print(f"| unzip -p \\| wc -l | {int(out) - given.members:,} | {seconds:.1f} | {speed:.0f} | |")


if __name__ == "__main__":
    main()
