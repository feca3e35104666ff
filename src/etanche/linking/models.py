"""Model files of the linker: read, written, and drawn.

Rules, in the order in which they apply:

1. A file is TOML: `version`, `bias`, `[weights.<comparison>]` in bits, as the shipped one; `--model` takes it.  What it
   was learnt from (`[learnt]`, `[m.…]`, `[u.…]`) is for people.
2. It holds shares of levels among all pairs of a case and nothing of any person; a level that fewer than `_FEW` pairs
   have has no share there.
3. The chart is one page that asks nothing of any network: for each level its weight, and its share among pairs that are
   one person and among the others.
"""

from __future__ import annotations

import html
import tomllib
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

from etanche import link
from etanche.errors import ExitCode, UserError
from etanche.linking.waterfall import level_words
from etanche.report.page import POLICY
from etanche.words import Words

if TYPE_CHECKING:
    from etanche.link.training import Trained
    from etanche.linking.search import Found

_FEW = 5
_ROW, _HALF, _LEFT, _SHARE = 20, 150, 330, 110
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:56rem;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}h2{font-size:1rem;margin:1.2rem 0 .2rem}svg{max-width:100%;height:auto}text{font-size:12px}"
)


def read(data: bytes, shown: str) -> link.Model:
    """Return the model of a file; `UserError` (2) for what is none."""
    try:
        return link.model_of(tomllib.loads(data.decode("utf-8")))
    except (UnicodeDecodeError, ValueError):
        raise UserError("link_model", ExitCode.USAGE, path=shown) from None


def learnt(found: Found, suited: link.Model, today: date) -> Trained:
    """Return the model that a case teaches; `UserError` (2) where its NIRs tell too little."""
    digest = sha256(found.counts.tobytes()).hexdigest()[:8]
    trained = link.train(suited, found.counts, f"{today.isoformat()}-{digest}")
    if trained is None:
        raise UserError("link_train", ExitCode.USAGE)
    return trained


def written(trained: Trained) -> bytes:
    """Return a model as a file."""
    document = trained.model.document()
    lines = [
        "# Weights of evidence in bits, learnt by `etanche link --train`; `etanche link --model` takes them.",
        f'version = "{document["version"]}"',
        f"bias = {document['bias']}",
        *_tables("weights", document["weights"], 3),
        "",
        "[learnt]",
        f"pairs = {trained.pairs}",
        f"labelled_by_nir = {trained.labelled}",
        f"share_one_person = {trained.share:.4f}",
        "",
        "# Shares of levels among pairs that are one person (m) and among the others (u).",
        *_tables("m", trained.one_person, 6),
        *_tables("u", trained.others, 6),
    ]
    return ("\n".join(lines) + "\n").encode()


def _tables(name: str, tables: dict[str, dict[str, float]], digits: int) -> list[str]:
    lines = []
    for comparison, levels in tables.items():
        lines += ["", f"[{name}.{comparison}]", *(f"{level} = {value:.{digits}f}" for level, value in levels.items())]
    return lines


def chart(trained: Trained, language: str) -> str:
    """Return the weights of a model as a page."""
    words = Words(language)
    title = words("linking.model.title", version=trained.model.version)
    told = words(
        "linking.model.told", pairs=trained.pairs, labelled=trained.labelled, share=round(100 * trained.share, 1)
    )
    body = [
        f"<h2>{html.escape(words(f'linking.comparison.{comparison}'))}</h2>{_picture(trained, comparison, words)}"
        for comparison in link.LEVELS
    ]
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body><h1>{html.escape(title)}</h1>"
        f"<p>{html.escape(told)}</p>{''.join(body)}</body></html>\n"
    )


def _picture(trained: Trained, comparison: str, words: Words) -> str:
    """Return one comparison's levels as a drawing: weight to the left or right of a line, then both shares."""
    weights = trained.model.weights[comparison]
    most = max(1.0, *(abs(bits) for bits in weights.values()))
    rows = [
        _line(number, level_words(words, comparison, level), bits, most, _shares(trained, comparison, level))
        for number, (level, bits) in enumerate(weights.items())
    ]
    width, height = _LEFT + 2 * _HALF + 2 * _SHARE, _ROW * (len(rows) + 1)
    heads = (
        (_LEFT + _HALF, words("linking.model.bits")),
        (_LEFT + 2 * _HALF + _SHARE // 2, words("linking.model.m")),
        (_LEFT + 2 * _HALF + 3 * _SHARE // 2, words("linking.model.u")),
    )
    named = "".join(f'<text x="{x}" y="13" text-anchor="middle">{html.escape(text)}</text>' for x, text in heads)
    label = html.escape(words(f"linking.comparison.{comparison}"))
    return f'<svg role="img" aria-label="{label}" viewBox="0 0 {width} {height}">{named}{"".join(rows)}</svg>'


def _shares(trained: Trained, comparison: str, level: str) -> tuple[float, float] | None:
    """Return the shares of a level among either kind; None for what is missing, or nearly so."""
    one, other = trained.one_person[comparison][level], trained.others[comparison][level]
    seen = trained.pairs * (trained.share * one + (1 - trained.share) * other)
    return None if one == other == 1.0 or seen < _FEW else (one, other)


def _line(number: int, label: str, bits: float, most: float, shares: tuple[float, float] | None) -> str:
    top, middle = _ROW * (number + 1), _LEFT + _HALF
    long = abs(bits) / most * (_HALF - 45)
    begin, colour = (middle, "#1b6e3c") if bits >= 0 else (middle - long, "#a33030")
    end, side = (begin + long + 4, "start") if bits >= 0 else (begin - 4, "end")
    drawn = [
        f'<text x="0" y="{top + 14}">{html.escape(label)}</text>',
        f'<rect x="{begin:.1f}" y="{top + 4}" width="{max(long, 0.5):.1f}" height="{_ROW - 8}" fill="{colour}"/>',
        f'<text x="{end:.1f}" y="{top + 14}" text-anchor="{side}">{bits:+.1f}</text>',
    ]
    for place, share in enumerate(shares or ()):
        x = _LEFT + 2 * _HALF + place * _SHARE + 10
        drawn.append(f'<rect x="{x}" y="{top + 4}" width="{share * 50:.1f}" height="{_ROW - 8}" fill="#7a8794"/>')
        drawn.append(f'<text x="{x + share * 50 + 4:.1f}" y="{top + 14}">{100 * share:.2f} %</text>')
    return "".join(drawn)
