"""Draws the learning curves of the runs as one SVG from their logs: `python curve.py first second`. They go into the model card.

A run's log is copied into logs/, which is committed, and read from there where its state lies on another machine.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
from pathlib import Path

from train import STATE

OUT = Path(__file__).parent / "learning-curve.svg"
LOGS = Path(__file__).parent / "logs"
# Lines of the picture: name, the log's tasks that are averaged, colour.
GROUPS = (
    ("counting, suites", ("counting shapes", "counting objects", "counting attribute", "counting distractors", "count shape in a suite scene", "count object in a suite scene"), "#1f77b4"),
    ("existence, suites", ("existence random", "existence adversarial", "existence binding", "exists in a suite scene"), "#2ca02c"),
    ("relations, suites", ("relation in a suite scene", "spatial relation-shapes", "spatial relation-objects", "more spatial"), "#d62728"),
    ("naming", ("name in a suite scene", "naming open"), "#9467bd"),
    ("numbers read", ("read number", "ocr number"), "#8c564b"),
    ("count a shape, first drawings", ("count shape",), "#7f7f7f"),
)
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 780, 380, 50, 240, 20, 40


def points(log: list[dict], tasks: tuple[str, ...]) -> list[tuple[float, float]]:
    found = []
    for entry in log:
        values = [entry[t] for t in tasks if t in entry]
        if values:
            found.append((entry["pictures"] / 1000, sum(values) / len(values)))
    return found


def draw(log: list[dict], notes: list[tuple[float, str]]) -> str:
    least, most = min(entry["pictures"] for entry in log) / 1000, max(entry["pictures"] for entry in log) / 1000
    least = 0 if least < most / 2 else least  # one later run alone
    x = lambda value: LEFT + (WIDTH - LEFT - RIGHT) * (value - least) / (most - least)
    y = lambda value: TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / 100)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">', f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>']
    for value in range(0, 101, 20):
        parts.append(f'<path d="M{LEFT} {y(value):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/><text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value}</text>')
    for value in range(5 * math.ceil(least / 5), int(most) + 1, 5 if least else 20):
        parts.append(f'<text x="{x(value):.1f}" y="{HEIGHT - 22}" text-anchor="middle">{value}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 5}" text-anchor="middle">thousand pictures (held-out questions, % right)</text>')
    for at, note in notes:
        parts.append(f'<path d="M{x(at):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#999" stroke-dasharray="4 3"/><text x="{x(at) - 4:.1f}" y="{TOP + 12}" text-anchor="end" fill="#666">{note}</text>')
    for number, (name, tasks, colour) in enumerate(GROUPS):
        line = points(log, tasks)
        if line:
            parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{" ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in line)}"/>')
            parts.append(f'<text x="{WIDTH - RIGHT + 14}" y="{TOP + 20 + 20 * number}" fill="{colour}">{name}: {line[-1][1]:.0f} %</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def log_of(name: str) -> list[dict]:
    kept, fresh = LOGS / f"{name}.jsonl", STATE / name / "log.jsonl"
    if fresh.exists():
        LOGS.mkdir(exist_ok=True)
        shutil.copy(fresh, kept)
    return [json.loads(line) for line in kept.read_text().splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    log, notes = [], []
    for name in options.runs:
        lines = log_of(name)
        if log:
            notes.append((lines[0]["pictures"] / 1000, f"{name} run"))
            log = [entry for entry in log if entry["pictures"] < lines[0]["pictures"]]
        log += lines
    options.out.write_text(draw(log, notes))
    print(options.out)


if __name__ == "__main__":
    main()
