"""Fit the weights of the linker on labelled pairs: `src/etanche/link/model.toml`.

    python scripts/fit_link.py ../shared/data/link-2021 [--held]

Logistic regression over one-hot levels with an L2 prior, by Newton's method (numpy alone).  The training pairs come a
second time with whole comparisons taken away at random, so that a registry without an address, or a leak without a
NIR, is weighed soundly too.  `--held` fits on the registry persons of even number and scores those of odd number,
writing nothing.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from etanche import leak, link
from etanche.engines import Engine
from etanche.link.decide import Decided, decide

TARGET = Path(__file__).parents[1] / "src" / "etanche" / "link" / "model.toml"
VERSION = "2026-11-23"
PRIOR = 0.5
AWAY = 0.12
"""Chance that a comparison is taken away in the second copy of a pair."""


def levels(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the row, the person and the level numbers (pairs x comparisons) of all pairs."""
    with Engine(2) as engine:
        for name in ("dump", "registry"):
            opened = leak.open_leak([folder / f"{name}.parquet"], None, None)
            columns = opened.columns
            parts = opened.parts(lambda _done, _total: None)
            engine.load(len(columns), parts, {name: lambda rows, columns=columns: link.side(rows, columns)})
        found = link.compared(engine, engine.table("dump"), engine.table("registry"))
        table = engine.fetch(found.select("row", "person", *(f"l_{name}" for name in link.LEVELS)))
    numbers = np.stack([table[f"l_{name}"].to_numpy() for name in link.LEVELS], 1)
    return table["row"].to_numpy(), table["person"].to_numpy(), numbers


def hot(numbers: np.ndarray) -> np.ndarray:
    """Return one column a level of each comparison, and a last one of ones."""
    columns = [
        numbers[:, place] == level for place, names in enumerate(link.LEVELS.values()) for level in range(len(names))
    ]
    return np.stack([*columns, np.ones(len(numbers))], 1).astype(np.float64)


def fit(numbers: np.ndarray, same: np.ndarray, seed: int = 1) -> np.ndarray:
    """Return the weights in bits, one a level, the bias last."""
    chance = np.random.default_rng(seed)
    away = np.where(chance.random(numbers.shape) < AWAY, 0, numbers)
    patterns, where = np.unique(np.concatenate([numbers, away]), axis=0, return_inverse=True)
    labels = np.concatenate([same, same])
    total = np.bincount(where, minlength=len(patterns)).astype(float)
    yes = np.bincount(where, weights=labels, minlength=len(patterns))
    features = hot(patterns)
    weights = np.zeros(features.shape[1])
    prior = np.full(len(weights), PRIOR)
    prior[-1] = 1e-6
    for _ in range(60):
        chances = 1 / (1 + np.exp(-features @ weights))
        slope = features.T @ (yes - total * chances) - prior * weights
        curve = (features * (total * chances * (1 - chances))[:, None]).T @ features + np.diag(prior)
        step = np.linalg.solve(curve, slope)
        weights += step
        if np.abs(step).max() < 1e-6:
            break
    return weights / np.log(2)


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
    row, person, numbers = levels(given.folder)
    truth = pq.read_table(given.folder / "dump.parquet", columns=["true_reg"])["true_reg"].to_numpy()
    same = truth[row] == person
    some = person % 2 == 0 if given.held else np.ones(len(person), bool)
    weights = fit(numbers[some], same[some])
    bits = hot(numbers) @ weights
    names = list(link.LEVELS)
    first, birth = (link.LEVELS[name].index("differs") for name in ("first", "birth"))
    own = numbers[:, names.index("nir")] == link.LEVELS["nir"].index("equal")
    veto = (numbers[:, names.index("first")] == first) & ((numbers[:, names.index("birth")] == birth) | ~own)
    decided = decide(row, person, bits, veto)
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
