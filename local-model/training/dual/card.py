"""Puts the numbers of accuracy.json into the card and writes the checksums: after evaluate.mjs --write."""

from __future__ import annotations

import hashlib
import json
import re

from export import TARGET

SIZES = ("280–360 px of about 512", "200–280 px", "130–200 px", "80–130 px", "56–80 px, degraded")

ASKED = {
    "coco": "COCO photographs: is there a …? area under ROC of the cosine",
    "photos": "COCO photographs, asked as POPE's popular questions are: up to three things that are shown, as many of the commonest that are not",
}


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
    for name, asked in ASKED.items():
        if name in found:
            ends = " to ".join(f"{end:.3f}" for end in found[name]["interval"])
            rows.append(f"| {asked} | {found[name]['n']:,} on {found[name]['pictures']} pictures | **{found[name]['area']:.3f}** | {ends} |")
    times = f"{speed['pictureMs']:.0f} ms / {speed['twentyLabelsMs']:.0f} ms"
    rows.append(f"| a picture, file bytes to vector / twenty labels, warm | 15 | {times} | {speed['machine']} |")
    return "\n".join(rows)


def main() -> None:
    card = TARGET / "README.md"
    found = json.loads((TARGET / "accuracy.json").read_text())
    pattern = r"(<!-- from accuracy.json;[^\n]*-->\n).*?(\n\nThe labels were used)"
    card.write_text(re.sub(pattern, lambda match: match[1] + table(found) + match[2], card.read_text(), flags=re.S))
    files = {str(path.relative_to(TARGET)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(TARGET.rglob("*")) if path.is_file() and path.name != "checksums.json"}
    (TARGET / "checksums.json").write_text(json.dumps({"algorithm": "sha256", "files": files}, indent=2) + "\n")


if __name__ == "__main__":
    main()
