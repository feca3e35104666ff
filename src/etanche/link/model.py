"""The weights of evidence: what each level of each comparison is worth, in bits, and what their sum means.

Rules:

1. A pair's weight is `bias` plus the weight of its level in each comparison: log2 of the odds that both sides are one
   person (Fellegi and Sunter 1969; the weights fitted together, by logistic regression, since comparisons of one
   household are not independent).
2. The shipped model is French and versioned (`model.toml`, by `scripts/fit_link.py`); a level that it does not know
   weighs nothing.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from etanche.link.compare import LEVELS
from etanche.link.patterns import weigh

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etanche.link.patterns import Floats

_MOST = 1000.0
"""Bits beyond which no weight is one."""


@dataclass(frozen=True, slots=True)
class Model:
    """Weights in bits by comparison and level."""

    version: str
    bias: float
    weights: dict[str, dict[str, float]]

    def table(self) -> Floats:
        """Return the weight of every pattern there can be (`patterns.codes`)."""
        return weigh(self.bias, self.weights)

    def document(self) -> dict[str, Any]:
        """Return it as plain data, to a thousandth of a bit."""
        weights = {name: {level: round(self.of(name, level), 3) for level in levels} for name, levels in LEVELS.items()}
        return {"version": self.version, "bias": round(self.bias, 3), "weights": weights}

    def of(self, comparison: str, level: str) -> float:
        """Return the weight of one level, 0 where the model does not know it."""
        return self.weights.get(comparison, {}).get(level, 0.0)


def model_of(raw: Mapping[str, Any]) -> Model:
    """Return the model that plain data hold (`Model.document`).  Raises `ValueError` for what is none."""
    try:
        weights = {
            str(comparison): {str(level): float(bits) for level, bits in levels.items()}
            for comparison, levels in raw["weights"].items()
        }
        model = Model(str(raw["version"]), float(raw["bias"]), weights)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise ValueError("model") from None
    numbers = [model.bias, *(bits for levels in weights.values() for bits in levels.values())]
    known = all(name in LEVELS and set(levels) <= set(LEVELS[name]) for name, levels in weights.items())
    if not known or not weights or not all(math.isfinite(bits) and abs(bits) < _MOST for bits in numbers):
        raise ValueError("model")
    return model


@cache
def shipped() -> Model:
    """Return the French model that is shipped."""
    return model_of(tomllib.loads((resources.files(__package__) / "model.toml").read_text(encoding="utf-8")))


def probability(weight: float) -> float:
    """Return the probability that a weight in bits stands for."""
    return float(1 / (1 + 2.0**-weight))
