"""Measure the readers of JSON, FHIR and XML and their peers side by side, in one run, on files made here.

    python bench/trees.py                      # makes files of about 60 MB each, measures, prints a table in Markdown
    python bench/trees.py --records 50000      # smaller ones

Rules:

1. Every program is a process of its own, one after the other: seconds of processor time and on the wall, peak memory.
   Processor time is what the ratios are of, since other work on the machine does not show in it.
2. étanche does all its work: a reading that knows every column of every record, then one that gives rows of text.

3. A peer that gives another number of records than were written is shown with what it gave.
4. `exact`: whether 19-digit identifiers, 1.10 and 00612 come out as they were written.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

NUMBER = "280022901200312345"
PROGRAMS: dict[str, str] = {
    "étanche": """
from etanche.ingest.entries import file_entry
from etanche.ingest.limits import Limits, Meter
from etanche.ingest.bids import Head, best
entry = file_entry(path, path.name, Meter(Limits()))
n = 0
for table in best(Head(path.name, entry.head())).tables(entry, Limits()):
    for part in table.parts():
        n += part.rows if table.table in WANTED else 0
        exact = exact and NUMBER.encode() in part.data and b"1.10" in part.data
""",
    "orjson alone": """
import orjson
if kind in ("array", "bundle"):
    value = orjson.loads(path.read_bytes())
    value = value["entry"] if kind == "bundle" else value
else:
    value = [orjson.loads(line) for line in path.open("rb")]
n = len(value); exact = NUMBER in repr(value[0]) and "1.10" in repr(value[0])
""",
    "json (standard library)": """
import json
if kind in ("array", "bundle"):
    value = json.loads(path.read_bytes())
    value = value["entry"] if kind == "bundle" else value
else:
    value = [json.loads(line) for line in path.open("rb")]
n = len(value); exact = NUMBER in repr(value[0]) and "1.10" in repr(value[0])
""",
    "ijson": """
import ijson
with path.open("rb") as file:
    prefix = {"array": "item", "bundle": "entry.item"}.get(kind, "")
    for value in ijson.items(file, prefix, multiple_values=kind in ("lines", "ndjson")):
        n += 1
        exact = exact and NUMBER in repr(value) and "1.10" in repr(value)
""",
    "pandas": """
import pandas
frame = pandas.read_json(path, lines=kind == "lines")
n = len(frame); exact = NUMBER in str(frame["nir"][0]) and "1.10" in str(frame["montant"][0])
""",
    "DuckDB": """
import duckdb
frame = duckdb.sql(f"SELECT * FROM read_json_auto('{path}', maximum_object_size=200000000)").fetchall()
n = len(frame); exact = NUMBER in repr(frame[0]) and "1.10" in repr(frame[0])
""",
    "fhir.resources": """
import orjson
from fhir.resources.R4B import get_fhir_model_class
if kind == "bundle":
    values = [entry["resource"] for entry in orjson.loads(path.read_bytes())["entry"]]
else:
    values = (orjson.loads(line) for line in path.open("rb"))
for value in values:
    get_fhir_model_class(value["resourceType"]).model_validate(value); n += 1
exact = False
""",
    "xml.etree iterparse": """
import xml.etree.ElementTree as tree
for _, element in tree.iterparse(path):
    if element.tag == "patient":
        cells = {child.tag: child.text for child in element.iter()}
        exact = exact and cells["nir"] == NUMBER and cells["montant"] == "1.10"
        n += 1; element.clear()
""",
    "pandas (XML)": """
import pandas
frame = pandas.read_xml(path, parser="etree", dtype=str)
n = len(frame); exact = frame["nir"][0] == NUMBER and frame["montant"][0] == "1.10"
""",
}
HEAD = "import sys; from pathlib import Path; path = Path(sys.argv[1]); kind = sys.argv[2]; n = 0; exact = True\n"
KINDS: dict[str, tuple[str, ...]] = {
    "array": ("étanche", "orjson alone", "json (standard library)", "ijson", "pandas", "DuckDB"),
    "lines": ("étanche", "orjson alone", "json (standard library)", "ijson", "pandas", "DuckDB"),
    "ndjson": ("étanche", "orjson alone", "fhir.resources"),
    "bundle": ("étanche", "orjson alone", "ijson", "fhir.resources"),
    "xml": ("étanche", "xml.etree iterparse", "pandas (XML)"),
}


def record(k: int) -> str:
    return (
        f'{{"id":{k},"nom":"LEFÈVRE","prenom":"Hélène","naissance":"1980-02-01","sexe":"F","adresse":"12 rue de '
        f'l\'Église","cp":"29200","ville":"BREST","tel":"0298000000","mail":"h{k}@example.fr","montant":1.10,'
        f'"actif":true,"nir":{NUMBER},"medecin":null}}'
    )


def resource(k: int) -> str:
    if k % 5:
        return (
            f'{{"resourceType":"Observation","id":"o{k}","status":"final","code":{{"coding":[{{"system":"http://loinc.org",'
            f'"code":"718-7","display":"Hémoglobine"}}]}},"subject":{{"reference":"Patient/p{k // 5}"}},'
            f'"effectiveDateTime":"2021-02-01T08:00:00+01:00","valueQuantity":{{"value":1.10,"unit":"g/dL"}},'
            f'"identifier":[{{"value":"{NUMBER}"}}]}}'
        )
    return (
        f'{{"resourceType":"Patient","id":"p{k // 5}","identifier":[{{"system":"urn:oid:1.2.250.1.213.1.4.8",'
        f'"value":"{NUMBER}"}}],"name":[{{"use":"official","family":"LEFÈVRE","given":["Hélène","Anne"]}}],"telecom":'
        f'[{{"system":"phone","use":"mobile","value":"0600000000"}},{{"system":"email","value":"h{k}@example.fr"}}],'
        f'"gender":"female","birthDate":"1980-02-01","address":[{{"line":["12 rue 1.10"],"city":"BREST",'
        f'"postalCode":"29200"}}]}}'
    )


def element(k: int) -> str:
    return (
        f'<patient id="{k}"><nom>LEFÈVRE</nom><prenom>Hélène</prenom><naissance>1980-02-01</naissance><adresse>'
        f"<cp>29200</cp><ville>BREST</ville></adresse><montant>1.10</montant><nir>{NUMBER}</nir></patient>\n"
    )


def make(folder: Path, count: int) -> dict[str, Path]:
    """Write the files, record by record."""
    shapes = {
        "array": ("[", record, ", ", "]"),
        "lines": ("", record, "\n", "\n"),
        "ndjson": ("", resource, "\n", "\n"),
        "bundle": ('{"resourceType":"Bundle","entry":[', lambda k: f'{{"resource":{resource(k)}}}', ",", "]}"),
        "xml": ("<patients>", element, "", "</patients>"),
    }
    paths = {}
    for kind, (start, one, between, end) in shapes.items():
        paths[kind] = path = folder / f"{kind}.{'xml' if kind == 'xml' else 'json'}"
        with path.open("w", encoding="utf-8") as file:
            file.write(start)
            file.writelines(one(k) + (between if k < count - 1 else "") for k in range(count))
            file.write(end)
    return paths


def run(name: str, kind: str, path: Path) -> dict[str, float | int | bool] | str:
    """Run a program on a file; return what it took, or why not."""
    wanted = {"ndjson": ("Patient", "Observation"), "bundle": ("Patient", "Observation"), "xml": ("patient",)}
    program = f"{HEAD}NUMBER = {NUMBER!r}; WANTED = {wanted.get(kind, ('',))!r}\n{PROGRAMS[name]}\nprint(n, exact)"
    begun = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(path), kind], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stderr is not None
    out, err = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        return (err.decode().strip().splitlines() or ["stopped"])[-1][:80]
    count, exact = out.decode().split()
    return {
        "wall": time.perf_counter() - begun,
        "cpu": usage.ru_utime + usage.ru_stime,
        "mib": usage.ru_maxrss / 1024,
        "records": int(count),
        "exact": exact == "True",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=200_000)
    count = parser.parse_args().records
    print("| file | program | records/s | MB/s | processor s | wall s | peak MiB | étanche's time / its | exact |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for kind, path in make(Path(folder), count).items():
            own = 0.0
            for name in KINDS[kind]:
                took = run(name, kind, path)
                if isinstance(took, str):
                    print(f"| {kind} | {name} | not run: {took} | | | | | | |")
                    continue
                own = own or took["cpu"]
                size = path.stat().st_size / 1e6
                other = "" if took["records"] == count else f" (gave {took['records']} of {count})"
                print(
                    f"| {kind} | {name}{other} | {count / took['cpu']:,.0f} | {size / took['cpu']:.1f} | {took['cpu']:.2f} | "  # noqa: E501
                    f"{took['wall']:.2f} | {took['mib']:.0f} | {own / took['cpu']:.2f} | {'yes' if took['exact'] else 'no'} |",  # noqa: E501
                    flush=True,
                )
    versions = ", ".join(
        f"{name} {_version(name)}" for name in ("orjson", "ijson", "pandas", "duckdb", "fhir.resources")
    )
    print(f"\n{count} records a file; {versions}; {os.cpu_count()} processors.")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    main()
