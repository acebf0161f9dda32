"""Puts the numbers of accuracy.json into the card and writes the checksums: after evaluate.mjs --write."""

from __future__ import annotations

import hashlib
import json
import re

from export import TARGET

SIZES = ("280–360 px of about 512", "200–280 px", "130–200 px", "80–130 px", "56–80 px, degraded")


def percent(share: float, digits: int = 0) -> str:
    return f"{100 * share:.{digits}f} %"


def table(found: dict) -> str:
    drawn, speed = found["drawn"], found["speed"]
    low, high = drawn["interval"]
    rows = [
        "| | n | result | 95 % |",
        "|---|---|---|---|",
        f"| drawn things in the held-out style noto, right name of 150, levels 1 to 5 | {drawn['n']} | **{percent(drawn['of150'], 1)}** | {100 * low:.1f} to {percent(high, 1)} |",
        f"| the same, of all 211 | {drawn['n']} | {percent(drawn['of211'], 1)} | |",
    ]
    for (level, row), size in zip(drawn["byLevel"].items(), SIZES):
        rows.append(f"| level {level} ({size}), of 150 / 211 | {row['n']} | {percent(row['of150'])} / {percent(row['of211'])} | |")
    ends = lambda pair: " to ".join(f"{end:.3f}" for end in pair)
    if coco := found.get("coco"):
        rows.append(f"| COCO photographs: is there a …? area under ROC of the cosine | {coco['n']} on {coco['pictures']} pictures | **{coco['area']:.3f}** | {ends(coco['interval'])} |")
    if photos := found.get("photos"):
        on = f"{photos['n']} on {photos['pictures']} pictures"
        rows.append(f"| more of them, each thing shown against the pictures that do not show it (not looking: 0.5) | {on} | **{photos['area']:.3f}** | {ends(photos['interval'])} |")
        rows.append(f"| the same, mean of {photos['words']} words | {on} | {photos['meanOfWords']:.3f} | {ends(photos['intervalOfWords'])} |")
    times = f"{speed['pictureMs']:.0f} ms / {speed['twentyLabelsMs']:.0f} ms"
    rows.append(f"| a picture, file bytes to vector / twenty labels, warm | 15 | {times} | {speed['machine']} |")
    return "\n".join(rows)


def main() -> None:
    card = TARGET / "README.md"
    found = json.loads((TARGET / "accuracy.json").read_text())
    pattern = r"(<!-- from accuracy.json;[^\n]*-->\n).*?(\n\nThe labels were used)"
    card.write_text(re.sub(pattern, lambda match: match[1] + table(found) + match[2], card.read_text(), flags=re.S))
    # Not of the card itself, which is written on later and which the model does without.
    files = {str(path.relative_to(TARGET)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(TARGET.rglob("*")) if path.is_file() and path.name not in ("checksums.json", "README.md")}
    (TARGET / "checksums.json").write_text(json.dumps({"algorithm": "sha256", "files": files}, indent=2) + "\n")


if __name__ == "__main__":
    main()
