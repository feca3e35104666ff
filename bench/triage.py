"""Measure étanche and its peers side by side, in one run, on one file whose truth is known.

    python bench/triage.py --rows 491840            # makes a replica, measures, prints a table in Markdown
    python bench/triage.py --rows 491840 --scale 4  # and étanche alone on four times the rows
    python bench/triage.py --replica demo           # on a replica that is there already

Rules:

1. The unit is a DuckDB `read_csv(all_varchar)` scan that touches every cell of a UTF-8 copy of the same text, in
   memory; a scan that does not give all rows is no unit, and the run stops.
2. Everything runs as a process of its own, one after the other: seconds on the wall, peak resident memory of the
   process and its children (`wait4`).  Medians over `--runs`; peers run once.
3. étanche is judged by the names of the truth's kinds, exactly.  A peer is right when its own word may mean the kind
   (`MEANS`, generous), wrong when it says another; plain "text", "integer" and the like say nothing.
4. What does not end in reasonable time is measured on a sample of rows and extrapolated, and the table says so.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

ETANCHE = (str(Path(sys.executable).with_name("etanche")),)
PRESIDIO_ROWS = 300

DATES = frozenset({"birth_date", "death_date", "sample_date", "visit_date", "date", "timestamp"})
NAMES = frozenset({"surname", "birth_name", "first_name", "full_name", "doctor"})
PHONES = frozenset({"landline", "mobile", "phone"})
PLACES = frozenset({"address", "postcode", "commune", "country", "birth_place", "departement", "region"})

MEANS: dict[str, dict[str, frozenset[str]]] = {
    "csv-detective": {
        "adresse": frozenset({"address"}),
        "code_postal": frozenset({"postcode"}),
        "code_commune": frozenset({"insee_commune"}),
        "commune": frozenset({"commune", "birth_place"}),
        "departement": frozenset({"departement"}),
        "code_departement": frozenset({"departement"}),
        "region": frozenset({"region"}),
        "pays": frozenset({"country"}),
        "iso_country_code_alpha2": frozenset({"country"}),
        "iso_country_code_alpha3": frozenset({"country"}),
        "email": frozenset({"email"}),
        "tel_fr": PHONES,
        "sexe": frozenset({"sex"}),
        "siren": frozenset({"siren"}),
        "siret": frozenset({"siret"}),
        "url": frozenset({"url"}),
        "username": frozenset({"login"}),
        "money": frozenset({"amount"}),
        "date": DATES,
        "datetime_naive": DATES,
        "datetime_aware": DATES,
        "bool": frozenset({"boolean", "pregnancy"}),
    },
    "presidio-structured": {
        "PERSON": NAMES,
        "LOCATION": PLACES,
        "DATE_TIME": DATES,
        "PHONE_NUMBER": PHONES,
        "EMAIL_ADDRESS": frozenset({"email"}),
        "IBAN_CODE": frozenset({"iban"}),
        "CREDIT_CARD": frozenset({"card"}),
        "IP_ADDRESS": frozenset({"ip"}),
        "URL": frozenset({"url"}),
        "MAC_ADDRESS": frozenset({"device"}),
    },
}
SAYS_NOTHING = frozenset({"", "string", "int", "float", "json", "binary", "NON_PII"})


@dataclass(frozen=True, slots=True)
class Run:
    """One process: seconds on the wall, peak of resident memory in MiB, what it wrote on standard output."""

    seconds: float
    peak: float
    output: bytes
    code: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    name: str
    seconds: float
    peak: float | None
    right: int | None = None
    wrong: int | None = None
    remark: str = ""


def run(command: Sequence[str], good: Sequence[int] = (0,)) -> Run:
    """Run a command to its end; its standard error goes to ours.  Stops the benchmark when it fails."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        result = Run(seconds, usage.ru_maxrss / 1024, output.read(), process.returncode)
    if result.code not in good:
        sys.exit(f"{' '.join(command[:4])}… ended with {result.code}: nothing is measured")
    return result


def first_line(command: Sequence[str]) -> float:
    """Return the seconds until a command shows its first line, on either stream."""
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        seconds = time.perf_counter() - start
        process.stdout.read()
    return seconds


def in_a_child(task: str, *arguments: str) -> Run:
    """Run one of `TASKS` in a fresh interpreter."""
    return run([sys.executable, __file__, "--task", task, *arguments])


# --- what runs in a process of its own ---------------------------------------------------------------------------


def scan(path: str, delimiter: str) -> object:
    """Read every cell as text and count the filled ones, as DuckDB does it best."""
    import duckdb

    start = time.perf_counter()
    source = duckdb.connect().read_csv(path, all_varchar=True, header=True, delimiter=delimiter)
    counts = source.aggregate("count(*), " + ", ".join(f'sum(strlen("{name}"))' for name in source.columns)).fetchone()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "rows": counts[0] if counts else 0}


def csv_detective(path: str, delimiter: str) -> object:
    """Type the columns over all rows."""
    from csv_detective import routine

    start = time.perf_counter()
    found = routine(path, num_rows=-1, save_results=False, encoding="utf-8", sep=delimiter)
    seconds = time.perf_counter() - start
    columns = {name: verdict.get("format", "") for name, verdict in found["columns"].items()}
    return {"seconds": seconds, "rows": found.get("total_lines"), "columns": columns}


def presidio(path: str, delimiter: str, rows: str) -> object:
    """Type the columns on a sample, with what Presidio has for French when no model can be fetched."""
    import pandas as pd
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_structured import PandasAnalysisBuilder

    class Blank(SpacyNlpEngine):
        def __init__(self) -> None:
            super().__init__()
            self.nlp = {"fr": spacy.blank("fr")}

    # Left alone it asks the network for a list at its first e-mail, and waits for the answer.
    tldextract.tldextract.TLD_EXTRACTOR.suffix_list_urls = ()
    registry = RecognizerRegistry(supported_languages=["fr"])
    registry.load_predefined_recognizers(languages=["fr"])
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["fr"])
    frame = pd.read_csv(path, sep=delimiter, dtype=str, keep_default_na=False, encoding="utf-8")
    sample = frame.sample(min(int(rows), len(frame)), random_state=1)
    start = time.perf_counter()
    found = PandasAnalysisBuilder(analyzer=analyzer).generate_analysis(sample, language="fr")
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "rows": len(sample), "columns": dict(found.entity_mapping)}


TASKS: dict[str, Callable[..., object]] = {"scan": scan, "csv-detective": csv_detective, "presidio": presidio}


# --- judging -----------------------------------------------------------------------------------------------------


def judge(said: Mapping[str, str], truth: Mapping[str, str], means: Mapping[str, frozenset[str]]) -> tuple[int, int]:
    """Return how many columns a tool typed right and wrong."""
    right = wrong = 0
    for column, kind in truth.items():
        word = said.get(column, "")
        if word in SAYS_NOTHING:
            continue
        if kind in means.get(word, frozenset()):
            right += 1
        else:
            wrong += 1
    return right, wrong


def judge_etanche(census: Mapping[str, object], truth: Mapping[str, str]) -> tuple[int, int]:
    """Return how many columns étanche typed right and wrong; `unknown` is not typed."""
    columns = census["columns"]
    assert isinstance(columns, list)
    said = {column["name"]: column["kind"] for column in columns}
    right = sum(said.get(column) == kind for column, kind in truth.items())
    silent = sum(said.get(column, "unknown") == "unknown" != kind for column, kind in truth.items())
    return right, len(truth) - right - silent


# --- the measures ------------------------------------------------------------------------------------------------


def measure_etanche(folder: Path, work: Path, runs: int) -> tuple[list[Run], float]:
    """Triage the leak several times, each into a new case; and once more for the moment of its first line."""

    def command(name: str) -> list[str]:
        return [
            *ETANCHE,
            "triage",
            str(folder / "leak.txt"),
            "--case",
            str(work / name),
            "--key-file",
            str(work / f"{name}.key"),
        ]

    results = [run([*command(f"case-{number}"), "--json"], good=(0, 4)) for number in range(runs)]
    return results, first_line(command("case-first"))


def copy_as_utf8(leak: Path, copy: Path) -> int:
    """Write the text as UTF-8 (into memory: `copy` lies in a tmpfs where there is one); return its bytes."""
    with leak.open(encoding="cp1252", newline="") as source, copy.open("w", encoding="utf-8", newline="") as target:
        while piece := source.read(1 << 22):
            target.write(piece)
    return copy.stat().st_size


def measure(folder: Path, work: Path, memory: Path, arguments: argparse.Namespace) -> list[Line]:
    """Measure everything on one replica and return the lines of the table."""
    truth_file = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    truth = {column["name"]: column["kind"] for column in truth_file["columns"]}
    copy = memory / "leak-utf8.csv"
    size = copy_as_utf8(folder / "leak.txt", copy)

    scans = [json.loads(in_a_child("scan", str(copy), ";").output) for _ in range(arguments.runs + 1)][1:]
    if any(scan["rows"] != truth_file["rows"] for scan in scans):
        sys.exit("the scan did not give every row: no unit")
    unit = statistics.median(scan["seconds"] for scan in scans)
    lines = [Line("DuckDB text scan (the unit)", unit, None, remark=f"{size / 2**20:.0f} MiB, {len(truth)} columns")]

    results, first = measure_etanche(folder, work, arguments.runs)
    census = json.loads(results[0].output)
    right, wrong = judge_etanche(census, truth)
    lines.append(
        Line(
            f"étanche {metadata.version('etanche')}",
            statistics.median(result.seconds for result in results),
            max(result.peak for result in results),
            right,
            wrong,
            f"whole process, {census['rows']:,} rows and {census['quarantined']:,} lines set aside; "
            f"first line after {first:.1f} s",
        )
    )
    if arguments.peers:
        lines += measure_peers(copy, truth, truth_file["rows"])
    return lines


def measure_peers(copy: Path, truth: Mapping[str, str], rows: int) -> list[Line]:
    """Measure the peers, once each."""
    result = in_a_child("csv-detective", str(copy), ";")
    found = json.loads(result.output)
    right, wrong = judge(found["columns"], truth, MEANS["csv-detective"])
    version = metadata.version("csv-detective")
    lines = [Line(f"csv-detective {version}", found["seconds"], result.peak, right, wrong, f"{found['rows']:,} rows")]

    result = in_a_child("presidio", str(copy), ";", str(PRESIDIO_ROWS))
    found = json.loads(result.output)
    right, wrong = judge(found["columns"], truth, MEANS["presidio-structured"])
    version = metadata.version("presidio-structured")
    remark = f"{found['seconds']:.1f} s for {found['rows']} rows, extrapolated; blank French pipeline, no model"
    seconds = found["seconds"] * rows / found["rows"]
    lines.append(Line(f"presidio-structured {version}", seconds, None, right, wrong, remark))
    return lines


def measure_scale(small: Line, rows: int, scale: int, work: Path, runs: int) -> Line:
    """Measure étanche on `scale` times the rows, against the line of the smaller run."""
    folder = work / "larger"
    run([*ETANCHE, "replica", str(folder), "--rows", str(rows * scale)])
    results, _ = measure_etanche(folder, work / "larger", runs)
    seconds = statistics.median(result.seconds for result in results)
    remark = f"{seconds / small.seconds:.2f} times the time of {rows:,} rows"
    return Line(f"étanche, {scale} × the rows", seconds, max(result.peak for result in results), remark=remark)


# --- the table ---------------------------------------------------------------------------------------------------


def table(lines: Sequence[Line], columns: int) -> str:
    """Return the lines as a Markdown table; the first one is the unit."""
    unit = lines[0].seconds
    head = f"| | seconds | scans | peak memory | columns right / wrong of {columns} | |"
    rule = "| --- | ---: | ---: | ---: | ---: | --- |"
    body = [
        f"| {line.name} | {line.seconds:,.2f} | {line.seconds / unit:,.1f} | "
        f"{f'{line.peak:,.0f} MiB' if line.peak else '–'} | "
        f"{f'{line.right} / {line.wrong}' if line.right is not None else '–'} | {line.remark} |"
        for line in lines
    ]
    return "\n".join([head, rule, *body])


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description="étanche and its peers, side by side")
    parser.add_argument("--rows", type=int, default=491_840)
    parser.add_argument("--replica", type=Path, help="a replica that is there already, as `etanche replica` makes it")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--scale", type=int, default=1, help="also measure étanche on so many times the rows")
    parser.add_argument("--no-peers", dest="peers", action="store_false")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    if argv[:1] == ["--task"]:
        print(json.dumps(TASKS[argv[1]](*argv[2:])))
        return
    arguments = parse(argv)
    tmpfs = Path("/dev/shm")  # where there is none, the folder for temporary files, and the page cache
    with (
        tempfile.TemporaryDirectory(dir=tmpfs if tmpfs.is_dir() else None) as memory,
        tempfile.TemporaryDirectory() as disk,
    ):
        work = Path(disk)
        folder = arguments.replica or work / "replica"
        if arguments.replica is None:
            run([*ETANCHE, "replica", str(folder), "--rows", str(arguments.rows)])
        lines = measure(folder, work, Path(memory), arguments)
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        if arguments.scale > 1:
            lines.append(measure_scale(lines[1], truth["rows"], arguments.scale, work, arguments.runs))
    machine = f"{os.cpu_count()} processors, Python {platform.python_version()}, DuckDB {metadata.version('duckdb')}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {truth['rows']:,} rows, median of {arguments.runs}; {machine}.\n")
    print(table(lines, len(truth["columns"])))


if __name__ == "__main__":
    main(sys.argv[1:])
