"""Turns a run of `ocelli bench` into the model card's table of the suites: `python suites.py RUN [--model ID] [--before ID] [--card]`.

One row per sub-task over all levels, with the levels beside it; asked = every item, and whatever is not `correct` counts as wrong.
The run must have `baseline:majority` too. `--before` puts another model of the same run beside it (the weights that shipped before), on the same pictures.
"""

from __future__ import annotations

import argparse
import collections
import json
from pathlib import Path

from evaluate import into_card, wilson

MARKS = ("<!-- suites:start -->", "<!-- suites:end -->")
HEAD = "| suite | task | right | 95 % | by level 1 to 5 | majority | n |{}\n|---|---|---|---|---|---|---|{}"


def records(run: Path, name: str) -> list[dict]:
    """A record file of a run of `ocelli bench`: items or scores."""
    return [json.loads(line) for line in (run / f"{name}.jsonl").read_text().splitlines()]


def read(run: Path) -> dict[str, dict[tuple[str, str], dict[int, list[bool]]]]:
    """model -> (suite, sub-task) -> level -> right or not."""
    items = {item["id"]: item for item in records(run, "items")}
    found: dict = collections.defaultdict(lambda: collections.defaultdict(lambda: collections.defaultdict(list)))
    for score in records(run, "scores"):
        level = items[score["itemId"]].get("difficulty", {}).get("level", 0)
        found[score["model"]][(score["suite"], score["subtask"])][level].append(score["outcome"] == "correct")
        if score["outcome"] in ("abstained", "refused"):
            found[f"{score['model']} abstained"][(score["suite"], score["subtask"])][level].append(True)
    return found


def share(levels: dict[int, list[bool]]) -> float:
    return sum(map(sum, levels.values())) / max(1, sum(map(len, levels.values())))


def row(name: tuple[str, str], levels: dict[int, list[bool]], majority: float, before: dict[int, list[bool]] | None) -> str:
    flat = [right for level in levels.values() for right in level]
    low, high = wilson(sum(flat), len(flat))
    by_level = " ".join(f"{100 * sum(levels[k]) / len(levels[k]):.0f}" for k in sorted(levels))
    other = ""
    if before is not None:
        old = [right for level in before.values() for right in level]
        other = f" {100 * sum(old) / max(1, len(old)):.1f} % |"
    return f"| {name[0]} | {name[1]} | {100 * sum(flat) / len(flat):.1f} % | {100 * low:.1f}–{100 * high:.1f} | {by_level} | {100 * majority:.1f} % | {len(flat)} |{other}"


def table(run: Path, model: str, before: str | None) -> str:
    found = read(run)
    # What the commonest answer gets, or the commonest place among choices that differ: what a model that never looks could get.
    majority = found["baseline:majority"]
    if not majority:
        raise SystemExit(f"{run} has no baseline:majority to stand beside {model}")
    lines = [HEAD.format(" before |" if before else "", "---|" if before else "")]
    for suite in dict.fromkeys(name[0] for name in found[model]):
        whole: dict = collections.defaultdict(list)
        old: dict = collections.defaultdict(list)
        for name, levels in found[model].items():
            if name[0] != suite:
                continue
            lines.append(row(name, levels, share(majority[name]), found[before][name] if before else None))
            for level, rights in levels.items():
                whole[level] += rights
                old[level] += found[before][name][level] if before else []
        lines.append(row((f"**{suite}**", "all"), whole, sum(share(majority[n]) * sum(map(len, l.values())) for n, l in found[model].items() if n[0] == suite) / sum(map(len, whole.values())), old if before else None))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, nargs="+")
    parser.add_argument("--model", default="local:tiny")
    parser.add_argument("--before")
    parser.add_argument("--card", action="store_true")
    options = parser.parse_args()
    text = "\n\n".join(table(run, options.model, options.before) for run in options.run)
    print(text)
    if options.card:
        into_card(MARKS, text)


if __name__ == "__main__":
    main()
