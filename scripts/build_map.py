"""Draw the map of the départements from the centres of the communes, and write it small.

    python scripts/build_map.py laposte_hexasmal.csv.gz src/etanche/report/departements.json

Rules, in the order in which they apply:

1. The centres come from the official base of postcodes (La Poste, Licence Ouverte 2.0); no boundary file is used.
2. Metropolitan France is drawn in Lambert-93 (conformal conic, parallels 44° and 49°); each overseas département in
   plain kilometres around its own centre.
3. The land is the union of discs, one a commune, as wide as communes are spaced thereabouts, closed and smoothed:
   coasts and frontiers fall where the last communes end, not where the sea truly begins.
4. A commune takes the land that is nearest to it (Voronoi); cells are dissolved by département.
5. Borders are simplified as one coverage, so that two neighbours keep the same line, and written as SVG paths on a
   whole-number grid.

It needs numpy, scipy and shapely, which étanche itself does not.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely.geometry import MultiPoint, MultiPolygon, Point, Polygon
from shapely.ops import unary_union

OVERSEAS = ("971", "972", "973", "974", "976")
"""Départements with an inset.  The base misplaces Saint-Barthélemy and Saint-Martin: they are left out."""
INNER_PARIS = ("75", "92", "93", "94")
GRID = 1000
"""Width of metropolitan France on the grid of the paths."""
SOURCE = {
    "title": "Base officielle des codes postaux",
    "publisher": "La Poste",
    "licence": "Licence Ouverte 2.0 (Etalab)",
    "method": "Voronoi cells of the communes' centres dissolved by département (scripts/build_map.py)",
}

Geometry = Polygon | MultiPolygon


def centres(path: Path) -> dict[str, list[tuple[float, float]]]:
    """Read (longitude, latitude) of the communes by département, each place once."""
    found: dict[str, set[tuple[float, float]]] = defaultdict(set)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter=";"):
            code = next(iter(row.values()))
            departement = code[:3] if code.startswith("97") else code[:2]
            if row["latitude"] and departement < "98":
                found[departement].add((float(row["longitude"]), float(row["latitude"])))
    return {code: sorted(places) for code, places in found.items()}


def lambert93(places: list[tuple[float, float]]) -> np.ndarray:
    """Project longitude and latitude to kilometres: conformal conic on a sphere, parallels 44° and 49°, centre 3° E."""
    lon, lat = np.radians(np.array(places)).T
    low, high, origin = (math.radians(angle) for angle in (44, 49, 46.5))
    t = lambda angle: np.tan(math.pi / 4 + angle / 2)  # noqa: E731 - the formula's own shorthand
    n = math.log(math.cos(low) / math.cos(high)) / math.log(t(high) / t(low))
    f = math.cos(low) * t(low) ** n / n
    rho, rho0, turn = 6371 * f / t(lat) ** n, 6371 * f / t(origin) ** n, n * (lon - math.radians(3))
    return np.column_stack((rho * np.sin(turn), rho0 - rho * np.cos(turn)))


def plate(places: list[tuple[float, float]]) -> np.ndarray:
    """Project longitude and latitude to kilometres around their own centre."""
    lon, lat = np.array(places).T
    return np.column_stack((lon * math.cos(math.radians(lat.mean())) * 111.3, lat * 111.3))


def land(points: np.ndarray, near: float, far: float, close: float) -> Geometry:
    """Return the land around the points: discs of radius near…far by local spacing, closed over gaps of 2 x `close`."""
    spacing = cKDTree(points).query(points, k=5)[0][:, 2:].mean(axis=1)
    discs = [Point(p).buffer(r, 16) for p, r in zip(points, np.clip(spacing * 0.62, near, far), strict=True)]
    shape = unary_union(discs).buffer(close, 16).buffer(-close, 16)
    parts = shape.geoms if isinstance(shape, MultiPolygon) else [shape]
    return unary_union([Polygon(part.exterior) for part in parts if part.area > near * near])


def departements(points: np.ndarray, codes: list[str], shape: Geometry, tolerance: float) -> dict[str, Geometry]:
    """Cut the land into départements and simplify them together."""
    cells = shapely.voronoi_polygons(MultiPoint(points), extend_to=shape.envelope.buffer(50))
    tree = shapely.STRtree(list(cells.geoms))
    owned: dict[str, list[Polygon]] = defaultdict(list)
    for point, code in zip(points, codes, strict=True):
        owned[code].append(cells.geoms[int(tree.query(Point(point), predicate="intersects")[0])])
    names = sorted(owned)
    cut = [unary_union(owned[code]).intersection(shape) for code in names]
    simple = shapely.coverage_simplify(cut, tolerance)
    return dict(zip(names, simple, strict=True))


def svg_path(shape: Geometry, left: float, top: float, scale: float, smallest: float) -> str:
    """Write a shape as a relative SVG path in whole numbers, islands under `smallest` square units left out."""
    out = []
    for part in sorted(getattr(shape, "geoms", [shape]), key=lambda part: -part.area):
        if part.geom_type != "Polygon" or (out and part.area * scale * scale < smallest):
            continue
        for ring in (part.exterior, *part.interiors):
            grid = np.rint((np.array(ring.coords)[:-1] - (left, top)) * (scale, -scale)).astype(int)
            steps = np.diff(grid, axis=0)
            steps = steps[np.any(steps != 0, axis=1)]
            if len(steps) > 1:
                out.append(f"M{grid[0][0]},{grid[0][1]}l" + " ".join(f"{x},{y}" for x, y in steps) + "z")
    return "".join(out)


def window(shapes: dict[str, Geometry], codes: tuple[str, ...], width: int, height: int) -> dict[str, object]:
    """Fit some shapes into a box of width x height; return its size and the paths by code."""
    left, low, right, top = unary_union([shapes[code] for code in codes]).bounds
    scale = min(width / (right - left), height / (top - low))
    return {
        "width": math.ceil((right - left) * scale),
        "height": math.ceil((top - low) * scale),
        "paths": {code: svg_path(shapes[code], left, top, scale, 12) for code in codes},
    }


def build(path: Path) -> dict[str, object]:
    """Return the whole map: metropolitan France, the inner ring of Paris enlarged, and the overseas insets."""
    by_code = centres(path)
    inland = [code for code in by_code if not code.startswith("97")]
    places = [(place, code) for code in inland for place in by_code[code]]
    points, codes = lambert93([place for place, _ in places]), [code for _, code in places]
    shapes = departements(points, codes, land(points, 4.0, 11.0, 7.0), 1.6)
    insets = {"75": window(shapes, INNER_PARIS, 150, 150)}
    for code in OVERSEAS:
        spots = plate(by_code[code])
        width = float(np.ptp(spots, axis=0).max())
        shape = land(spots, width * 0.07, width * 0.17, width * 0.12)
        insets[code] = window({code: shape.simplify(width * 0.008)}, (code,), 120, 120)
    return {"source": SOURCE, "metropolis": window(shapes, tuple(sorted(shapes)), GRID, GRID * 2), "insets": insets}


if __name__ == "__main__":
    text = json.dumps(build(Path(sys.argv[1])), ensure_ascii=False, indent=0)
    Path(sys.argv[2]).write_text(text + "\n", encoding="utf-8")
    print(f"{len(text):,} bytes")
