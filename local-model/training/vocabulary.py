"""The object classes and the shapes of the suites (benchmarks/scenes), as the exported header lists them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
HEADER = HERE / "state" / "suite-header.json"
EXPORTER = HERE.parents[1] / "scripts" / "export-scenes.mjs"

NEW_SHAPES = ("diamond", "pentagon", "hexagon", "crescent")
NEW_SINGULARS = {shape: (shape,) for shape in NEW_SHAPES}
NEW_PLURALS = {shape: (f"{shape}s",) for shape in NEW_SHAPES}


def header() -> dict:
    """The first line of an export: shape outlines, classes, fonts. Kept in the state folder."""
    if not HEADER.exists():
        line = subprocess.run(["node", str(EXPORTER), "--suite", "naming", "--level", "1", "--count", "1"], check=True, capture_output=True, text=True).stdout.splitlines()[0]
        HEADER.parent.mkdir(parents=True, exist_ok=True)
        HEADER.write_text(line)
    return json.loads(HEADER.read_text())


CLASSES = header()["objectClasses"]
OBJECTS: dict[str, str] = {entry["name"]: entry["plural"] for entry in CLASSES}
CATEGORIES: dict[str, str] = {entry["name"]: entry["category"] for entry in CLASSES}
ARTICLES: dict[str, str] = {entry["name"]: entry["article"] for entry in CLASSES}
