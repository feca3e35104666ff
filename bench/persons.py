"""Persons within a table: étanche beside Splink 5, recordlinkage and rules alone, in one run.

    python bench/persons.py [dump] [noise] [febrl] [historical]

- `dump`: the leak of `../shared/data/link-2021` (491,840 rows, 341,708 persons), truth aside: the weights that are
  shipped, beside the keys by which triage counts and beside plain rules.
- `noise`: the two models of error of `bench/link.py`, on which nothing was fitted: twins, homonyms, families.
- `febrl`: the four sets of the package recordlinkage (Christen 2008); 4 is a link of two files.
- `historical`: `../shared/data/historical-50k` (50,578 rows, 5,156 persons).

FEBRL and historical are weighed by what the table itself shows (`link.within_any`), without a label.  Splink has the
settings of its own demos of these sets; recordlinkage has blocks on single fields, thresholds on likeness and its own
unsupervised classifier (ECM).  F1 is that of pairs of rows that one cluster (or one link of two files) joins; B³ is the
mean over rows.  Seconds are of processor time, all threads together.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from persons_peers import recordlinkage_historical, recordlinkage_of, splink_febrl, splink_historical

from etanche import leak, link, persons
from etanche.engines import Engine
from etanche.link.within import persons_within
from etanche.link.within_any import links_of_two, persons_of_any
from etanche.link.within_clusters import groups
from etanche.link.within_fields import Field, Sort, normal

DATA = Path(__file__).parents[2] / "shared" / "data"
Ints = Any
FEBRL = (
    Field("given_name", Sort.TEXT),
    Field("surname", Sort.TEXT, shared=True),
    Field("street_number", Sort.NUMBER, shared=True),
    Field("address_1", Sort.TEXT, shared=True),
    Field("address_2", Sort.TEXT, shared=True),
    Field("suburb", Sort.TEXT, shared=True),
    Field("postcode", Sort.NUMBER, shared=True),
    Field("state", Sort.CLASS, shared=True),
    Field("date_of_birth", Sort.NUMBER),
    Field("soc_sec_id", Sort.NUMBER),
)
HISTORICAL = (
    Field("first_name", Sort.TEXT),
    Field("surname", Sort.TEXT, shared=True),
    Field("dob", Sort.DAY),
    Field("birth_place", Sort.TEXT, shared=True),
    Field("postcode_fake", Sort.PREFIX, shared=True),
    Field("gender", Sort.CLASS),
    Field("occupation", Sort.TEXT),
)


def scores(label: Ints, truth: Ints) -> str:
    """Return pairwise F1, precision and recall of clusters, and B³, as cells of a table."""
    _, label = np.unique(label, return_inverse=True)
    _, truth = np.unique(truth, return_inverse=True)
    both = label.astype(np.int64) * (int(truth.max()) + 1) + truth
    mine, true, shared = (np.unique(each, return_inverse=True, return_counts=True)[1:] for each in (label, truth, both))
    mine, true, shared = (count[place] for place, count in (mine, true, shared))
    found, there, right = (mine - 1).sum(), (true - 1).sum(), (shared - 1).sum()
    precision, recall = right / max(found, 1), right / there
    deep, wide = (shared / mine).mean(), (shared / true).mean()
    return f"{_f1(precision, recall)} | {precision:.4f} | {recall:.4f} | {_f1(deep, wide)} | {label.max() + 1:,}"


def linked(one: Ints, other: Ints, truth: Ints, there: int) -> str:
    """Return the same cells of a link of two files."""
    right = int((truth[one] == truth[other]).sum())
    precision, recall = right / max(len(one), 1), right / there
    return f"{_f1(precision, recall)} | {precision:.4f} | {recall:.4f} | – | {len(one):,}"


def _f1(precision: float, recall: float) -> str:
    return f"{2 * precision * recall / max(precision + recall, 1e-9):.4f}"


def line(name: str, method: str, run: Callable[[], str]) -> None:
    """Run a method and print its line."""
    start, wall = time.process_time(), time.perf_counter()
    cells = run()
    spent = f"{time.process_time() - start:.1f} | {time.perf_counter() - wall:.1f}"
    print(f"| {name} | {method} | {cells} | {spent} |", flush=True)


# The leak of link-2021.


def dump() -> None:
    """Measure the leak's rows."""
    path = DATA / "link-2021" / "dump.parquet"
    truth = pq.read_table(path, columns=["true_person", "true_reg"])
    whose, listed = (truth[name].to_numpy() for name in ("true_person", "true_reg"))
    opened = leak.open_leak([path], None, None)
    columns = [column for column in opened.columns if not column.name.startswith("true_")]
    parts = list(opened.parts(lambda _done, _total: None))
    width, kept = len(opened.columns), {}

    def by_keys() -> str:
        def keys(rows: Any) -> Any:
            rows = rows.mutate(**persons.trait_fields(rows, columns))
            rows = rows.mutate(**persons.compared_days(rows))
            rows = rows.mutate(**persons.agreement_fields(rows))
            return rows.select(place=rows.c0, **persons.key_fields(rows, ()))

        with Engine(2) as engine:
            left = engine.load(width, iter(parts), {"facts": keys})["facts"]
            held = map(engine.fetch, persons.key_spaces(left))
            pairs = [persons.shared(some["row"].to_numpy(), some["key"].to_numpy()) for some in held]
            # The engine may hand rows over in another order than the file's.
            place = engine.fetch(left.order_by("row"))["place"].cast("int64").to_numpy()
        return scores(persons.join_rows(len(whose), pairs), whose[place])

    def by_rules() -> str:
        with Engine(2) as engine:
            rows = engine.load(width, iter(parts), {"dump": lambda part: link.side(part, columns)})["dump"]
            table = engine.fetch(rows.order_by("row"))
        keys = (("bearer",), ("name", "first", "born"))
        return scores(same_keys(table, keys), whose)

    def by_weights() -> str:
        with Engine(2) as engine:
            rows = engine.load(width, iter(parts), {"dump": lambda part: link.side(part, columns)})["dump"]
            kept["label"] = persons_within(engine, rows, len(whose))
        return scores(kept["label"], whose)

    line("dump", "rules: own NIR, or names and birth date", by_rules)
    line("dump", "triage's keys", by_keys)
    line("dump", "**étanche**", by_weights)
    unseen = listed < 0
    line("dump", "étanche, persons whom no registry has", lambda: scores(kept["label"][unseen], whose[unseen]))


def noise() -> None:
    """Measure leaks of made-up people under two models of error."""
    import link as made

    for name, model in made.MODELS.items():
        count = 20_000
        truly, chance, rng = made.people(count, model, 7), random.Random(8), np.random.default_rng(8)
        whose = chance.choices(chance.sample(range(count), count * 13 // 20), k=count)
        rows = [made.seen(truly[one], model, chance, rng, truly) for one in whose]
        table = pa.table(
            {str(place): pa.array(cells, pa.string()) for place, cells in enumerate(zip(*rows, strict=True))}
        )
        line(name, "rules: NIR, or names and birth date", partial(_by_keys, table, (("5",), ("0", "2", "4")), whose))
        line(name, "**étanche**", partial(_by_weights, made, rows, whose))


def _by_keys(table: pa.Table, keys: Sequence[Sequence[str]], whose: Sequence[int]) -> str:
    return scores(same_keys(table, keys), np.array(whose))


def _by_weights(made: Any, rows: Sequence[Any], whose: Sequence[int]) -> str:
    with Engine(2) as engine:
        return scores(persons_within(engine, made.sides(engine, "dump", rows), len(rows)), np.array(whose))


def same_keys(table: pa.Table, keys: Sequence[Sequence[str]]) -> Ints:
    """Return clusters of rows that share all fields of a key, or several such keys in turn."""
    ones, others = [], []
    for names in keys:
        columns = [table[name].to_pylist() for name in names]
        first: dict[tuple[str, ...], int] = {}
        for row, cells in enumerate(zip(*columns, strict=True)):
            if None not in cells:
                ones.append(row)
                others.append(first.setdefault(cells, row))
    return groups(table.num_rows, np.array(ones, np.int64), np.array(others, np.int64))


# FEBRL and the historical figures: tables of other columns.


def rows_of(engine: Engine, table: pa.Table, fields: Sequence[Field]) -> Any:
    """Put a table into an engine and make its fields alike."""
    cells = {field.name: table[field.name].cast(pa.string()) for field in fields}
    put = engine.put("cells", pa.table(cells | {"row": pa.array(range(table.num_rows), pa.int64())}))
    return engine.keep(
        "rows", put.select("row", **{field.name: normal(put[field.name], field.sort) for field in fields})
    )


def within(table: pa.Table, fields: Sequence[Field], truth: Ints) -> str:
    """Return the scores of étanche on one table."""
    with Engine(2) as engine:
        return scores(persons_of_any(engine, rows_of(engine, table, fields), fields, table.num_rows), truth)


def across(table: pa.Table, fields: Sequence[Field], first: int, truth: Ints) -> str:
    """Return the scores of étanche on two tables, one after the other."""
    with Engine(2) as engine:
        one, other = links_of_two(engine, rows_of(engine, table, fields), fields, first, table.num_rows)
    return linked(one, other, truth, first)


def febrl() -> None:
    """Measure the four sets."""
    import recordlinkage.datasets as sets

    for number in (1, 2, 3):
        frame = getattr(sets, f"load_febrl{number}")().reset_index()
        table, truth = arrow(frame), frame.rec_id.str.split("-").str[1].astype(int).to_numpy()
        everything(f"FEBRL {number}", frame, table, truth, None)
    one, other = (frame.reset_index() for frame in sets.load_febrl4())
    import pandas as pd

    frame = pd.concat([one, other], ignore_index=True)
    truth = frame.rec_id.str.split("-").str[1].astype(int).to_numpy()
    everything("FEBRL 4", frame, arrow(frame), truth, len(one))


def arrow(frame: Any) -> pa.Table:
    """Return a frame as texts."""
    texts = frame.astype(object).where(frame.notna(), None)
    return pa.table({name: pa.array([None if v is None else str(v) for v in texts[name]]) for name in texts.columns})


def everything(name: str, frame: Any, table: pa.Table, truth: Ints, first: int | None) -> None:
    """Print the lines of one set."""
    keys = (("given_name", "surname", "date_of_birth"), ("soc_sec_id",))
    made = same_keys(table, keys)
    if first is None:
        line(name, "rules: names and birth date, or number", lambda: scores(made, truth))
        line(name, "recordlinkage", lambda: scores(recordlinkage_of(frame, None)[0], truth))
        line(name, "Splink 5", lambda: scores(splink_febrl(frame, None)[0], truth))
        line(name, "**étanche**", lambda: within(table, FEBRL, truth))
        return
    line(name, "rules: names and birth date, or number", lambda: linked(*by_label(made, first), truth, first))
    line(name, "recordlinkage", lambda: linked(*recordlinkage_of(frame, first), truth, first))
    line(name, "Splink 5", lambda: linked(*splink_febrl(frame, first), truth, first))
    line(name, "**étanche**", lambda: across(table, FEBRL, first, truth))


def by_label(label: Ints, first: int) -> tuple[Ints, Ints]:
    """Return the pairs across two files that share a cluster."""
    left = {one: row for row, one in enumerate(label[:first].tolist())}
    pairs = [(left[one], first + row) for row, one in enumerate(label[first:].tolist()) if one in left]
    return tuple(np.array(pairs, np.int64).reshape(-1, 2).T)


def historical() -> None:
    """Measure the historical figures."""
    table = pq.read_table(next((DATA / "historical-50k").glob("*.parquet")))
    truth = np.unique(table["cluster"].to_numpy(zero_copy_only=False), return_inverse=True)[1]
    name = "historical_50k"
    keys = (("first_name", "surname", "dob"), ("first_and_surname", "postcode_fake"))
    line(name, "rules: names with birth date or postcode", lambda: scores(same_keys(table, keys), truth))
    if find_spec("recordlinkage"):
        line(name, "recordlinkage", lambda: scores(recordlinkage_historical(table), truth))
    if find_spec("splink"):
        line(name, "Splink 5", lambda: scores(splink_historical(table), truth))
    line(name, "**étanche**", lambda: within(table, HISTORICAL, truth))


def asked() -> Iterator[Callable[[], None]]:
    """Yield what is to be measured, what lacks its data or its peers left out with a word."""
    wanted = sys.argv[1:] or ["dump", "noise", "febrl", "historical"]
    if "dump" in wanted:
        yield dump if (DATA / "link-2021").exists() else lambda: print("dump: no data here")
    if "noise" in wanted:
        yield noise
    if "febrl" in wanted:
        peers = find_spec("recordlinkage") and find_spec("splink")
        yield febrl if peers else lambda: print("febrl: needs recordlinkage (which has the sets) and splink")
    if "historical" in wanted:
        yield historical if (DATA / "historical-50k").exists() else lambda: print("historical: no data here")


def main() -> None:
    """Print the table."""
    print("| set | method | F1 | precision | recall | B³ | found | CPU s | wall s |\n" + "| --- " * 9 + "|")
    for measure in asked():
        measure()


if __name__ == "__main__":
    main()
