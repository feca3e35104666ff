"""Fit the weights of the linker on labelled pairs: `src/etanche/link/model.toml`.

    python scripts/fit_link.py ../shared/data/link-2021 [--held]

Logistic regression over one-hot levels with a normal prior, by Newton's method (`etanche.link.learning`).  The training
pairs come a second time with whole comparisons taken away at random, so that a registry without an address, or a leak
without a NIR, is weighed soundly too.  `--held` fits on the registry persons of even number, suits the weights to the
case as `etanche link` does (by its NIRs, without a label), and scores those of odd number, writing nothing.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from etanche import leak, link
from etanche.engines import Engine
from etanche.link.decide import Decided
from etanche.link.learning import fitted, hot, named
from etanche.linking.deciding import decided_of, weighed

TARGET = Path(__file__).parents[1] / "src" / "etanche" / "link" / "model.toml"
VERSION = "2026-11-23"
PRIOR = 0.5
AWAY = 0.12
"""Chance that a comparison is taken away in the second copy of a pair."""


def sides(engine: Engine, folder: Path) -> tuple[pa.Table, ir.Table, ir.Table]:
    """Return all pairs with their levels, the rows of the leak and the persons of the registry."""
    for name in ("dump", "registry"):
        opened = leak.open_leak([folder / f"{name}.parquet"], None, None)
        columns = opened.columns
        parts = opened.parts(lambda _done, _total: None)
        engine.load(len(columns), parts, {name: lambda rows, columns=columns: link.side(rows, columns)})
    rows, persons = engine.table("dump"), engine.table("registry")
    return engine.fetch(link.compared(engine, rows, persons)), rows, persons


def fit(numbers: np.ndarray, same: np.ndarray, seed: int = 1) -> np.ndarray:
    """Return the weights in bits, one a level, the bias last."""
    chance = np.random.default_rng(seed)
    away = np.where(chance.random(numbers.shape) < AWAY, 0, numbers)
    patterns, where = np.unique(np.concatenate([numbers, away]), axis=0, return_inverse=True)
    where = where.reshape(-1)
    total = np.bincount(where, minlength=len(patterns)).astype(float)
    yes = np.bincount(where, weights=np.concatenate([same, same]), minlength=len(patterns))
    features = hot(patterns)
    spread = np.full(features.shape[1], PRIOR**-0.5)
    spread[-1] = 1000.0
    return fitted(features, total, yes, np.zeros(features.shape[1]), spread) / np.log(2)


def scored(decided: Decided, truth: set[int], odd: np.ndarray | None) -> str:
    """Return F1, wrong and missed, over the registry persons of odd number or over all."""
    told = set(decided.person[decided.notify].tolist())
    if odd is not None:
        told, truth = {one for one in told if one % 2}, {one for one in truth if one % 2}
    right = len(told & truth)
    wrong, missed = len(told - truth), len(truth - told)
    review = len(set(decided.person[~decided.notify].tolist()))
    return (
        f"F1 {2 * right / (len(told) + len(truth)):.4f}  wrong {100 * wrong / len(truth):.3f} %  "
        f"missed {100 * missed / len(truth):.3f} %  review {review}"
    )


def main() -> None:
    """Fit, and write the model or score the held half."""
    options = argparse.ArgumentParser()
    options.add_argument("folder", type=Path)
    options.add_argument("--held", action="store_true")
    given = options.parse_args()
    truth = pq.read_table(given.folder / "dump.parquet", columns=["true_reg"])["true_reg"].to_numpy()
    with Engine(2) as engine:
        pairs, *both = sides(engine, given.folder)
        row, person = pairs["row"].to_numpy(), pairs["person"].to_numpy()
        codes = link.codes(pairs)
        numbers, same = link.levels_of(codes), truth[row] == person
        some = person % 2 == 0 if given.held else np.ones(len(person), bool)
        weights = fit(numbers[some], same[some])
        model = link.Model("fit", float(weights[-1]), named(weights))
        counts = np.bincount(codes, minlength=link.PATTERNS)
        texts = (engine.fetch(side.select("row", *link.FIELDS).order_by("row")) for side in both)
        _, decided = decided_of(engine, pairs, both[1], weighed(model, pairs, counts, *texts))
    print(scored(decided, set(truth[truth >= 0].tolist()), person if given.held else None))
    if not given.held:
        write(weights)


def write(weights: np.ndarray) -> None:
    """Write the model."""
    lines = [
        "# Weights of evidence in bits, by scripts/fit_link.py on a synthetic leak and registry (link-2021).",
        f'version = "{VERSION}"',
        f"bias = {weights[-1]:.3f}",
    ]
    at = 0
    for name, levels_ in link.LEVELS.items():
        lines += ["", f"[weights.{name}]"]
        for level in levels_:
            lines.append(f"{level} = {weights[at]:.3f}")
            at += 1
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
