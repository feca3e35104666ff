"""The weights of evidence: what each level of each comparison is worth, in bits, and what their sum means.

Rules:

1. A pair's weight is `bias` plus the weight of its level in each comparison: log2 of the odds that both sides are one
   person (Fellegi and Sunter 1969; the weights fitted together, by logistic regression, since comparisons of one
   household are not independent).
2. The shipped model is French and versioned (`model.toml`, by `scripts/fit_link.py`); a level that it does not know
   weighs nothing.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from etanche.link.patterns import weigh

if TYPE_CHECKING:
    from etanche.link.patterns import Floats


@dataclass(frozen=True, slots=True)
class Model:
    """Weights in bits by comparison and level."""

    version: str
    bias: float
    weights: dict[str, dict[str, float]]

    def table(self) -> Floats:
        """Return the weight of every pattern there can be (`patterns.codes`)."""
        return weigh(self.bias, self.weights)

    def of(self, comparison: str, level: str) -> float:
        """Return the weight of one level, 0 where the model does not know it."""
        return self.weights.get(comparison, {}).get(level, 0.0)


@cache
def shipped() -> Model:
    """Return the French model that is shipped."""
    raw = tomllib.loads((resources.files(__package__) / "model.toml").read_text(encoding="utf-8"))
    return Model(raw["version"], raw["bias"], raw["weights"])


def probability(weight: float) -> float:
    """Return the probability that a weight in bits stands for."""
    return float(1 / (1 + 2.0**-weight))
