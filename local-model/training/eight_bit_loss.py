"""What the shipped 8-bit weights lose on each suite, into the model card: `python eight_bit_loss.py SHIPPED_RUN FULL_RUN [--full-model ID]`.

Both are folders of `ocelli bench` over the same items: one with local:tiny, one with `-d high --fit off` and the folder `state/fp32`, which
export.py leaves there (a folder's own default is the coarse picture). Compared are the items that both were asked.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from evaluate import into_card
from suites import records
from wanted import verdicts

MARKS = ("<!-- eight-bits:start -->", "<!-- eight-bits:end -->")


def by_item(run: Path, model: str) -> dict[str, tuple[str, bool]]:
    """Suite and verdict of each item."""
    return {item["id"]: (item["suite"], right) for item, right in verdicts([run], model)}


def only_model(run: Path) -> str:
    found = {score["model"] for score in records(run, "scores") if not score["model"].startswith("baseline:")}
    if len(found) != 1:
        raise SystemExit(f"name one of {', '.join(sorted(found))} with --full-model")
    return found.pop()


def lost(pairs: list[tuple[bool, bool]]) -> tuple[float, float]:
    """Points lost from the first to the second, and half of the 95 % interval of a paired difference."""
    n = len(pairs)
    worse, better = sum(one and not other for one, other in pairs), sum(other and not one for one, other in pairs)
    return 100 * (worse - better) / n, 196 * math.sqrt(max(worse + better - (worse - better) ** 2 / n, 0)) / n


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shipped", type=Path)
    parser.add_argument("full", type=Path)
    parser.add_argument("--full-model", help="default: the only model of that run")
    options = parser.parse_args()
    shipped, full = by_item(options.shipped, "local:tiny"), by_item(options.full, options.full_model or only_model(options.full))
    suites: dict[str, list[tuple[bool, bool]]] = {}
    for item in full.keys() & shipped.keys():
        suites.setdefault(full[item][0], []).append((full[item][1], shipped[item][1]))
    lines = ["| suite | fp32 | shipped | lost, points (95 %) | verdicts that differ | n |", "|---|---|---|---|---|---|"]
    for suite, pairs in [*sorted(suites.items()), ("**all**", [pair for pairs in suites.values() for pair in pairs])]:
        points, half = lost(pairs)
        before, after = (100 * sum(pair[k] for pair in pairs) / len(pairs) for k in (0, 1))
        lines.append(f"| {suite} | {before:.1f} % | {after:.1f} % | {points:.1f} ({points - half:.1f} to {points + half:.1f}) | {sum(one != other for one, other in pairs)} | {len(pairs)} |")
    into_card(MARKS, "\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
