"""An endless stream of exported training items: a mix of generators and levels that may change while it runs.

Items come in chunks, each written by one run of scripts/export-scenes.mjs while the chunk before it is used, or read from a shard in
state/scenes/ where there is one. A chunk's seed is its number, so a stream can be taken up again at any item number and
never shows an item twice (10,000 chunks, 20 million items, before it starts over).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[3]
FOLDER = Path(__file__).parents[1] / "state" / "scenes"
GENERATORS = ("counting", "spatial", "existence", "ocr", "geometric", "charts", "naming")
MIX = {"counting": 0.24, "spatial": 0.18, "existence": 0.14, "ocr": 0.18, "geometric": 0.14, "charts": 0.06, "naming": 0.06}
EVEN = {level: 1.0 for level in (1, 2, 3, 4, 5)}
CHUNK = 2048
SEEDS = 10_000
FIRST_TEST_SEED = 1_000_000_000


def plan(mix: dict[str, float], levels: dict[int, float], total: int) -> dict[str, list[int]]:
    """Items by generator and level, `total` together (largest remainders)."""
    unknown = set(mix) - set(GENERATORS)
    if unknown:
        raise ValueError(f"There is no generator {sorted(unknown)}; expected some of {GENERATORS}.")
    keys = [(name, level) for name in GENERATORS for level in range(1, 6)]
    shares = np.array([mix.get(name, 0.0) * levels.get(level, 0.0) for name, level in keys])
    wanted = shares / shares.sum() * total
    counts = np.floor(wanted).astype(int)
    counts[np.argsort(counts - wanted)[: total - int(counts.sum())]] += 1
    return {name: [int(counts[keys.index((name, level))]) for level in range(1, 6)] for name in GENERATORS if mix.get(name, 0.0) > 0}


def check_header(header: dict) -> None:
    assert header["kind"] == "header" and header["sceneVersion"] == 1 and header["split"] == "train", "not an export of training scenes"


def check_item(item: dict, training_fonts: set[str]) -> None:
    """Nothing that is held out for testing may get into training."""
    assert item["split"] == "train" and item["seed"] < FIRST_TEST_SEED, f"{item['id']} is a test item"
    for element in item["scene"]["elements"]:
        assert element.get("style") != "noto", f"{item['id']} shows the art that is held out"
        assert "font" not in element or element["font"] in training_fonts, f"{item['id']} shows a font that is held out"
    if item["subtask"] == "word" and "twin" not in item:
        assert int.from_bytes(hashlib.sha256(item["answer"].lower().encode()).digest()[:4], "big") % 2 == 0, f"{item['id']} shows a word that is held out"


def export(number: int, mix: dict[str, float], levels: dict[int, float], total: int = CHUNK) -> list[str]:
    """The lines of chunk `number` as the exporter writes them. Every other chunk has twins (near pairs with another answer)."""
    command = ["node", str(ROOT / "scripts" / "export-scenes.mjs"), "--split", "train", "--more", "--seed", str(number % SEEDS),
               "--plan", json.dumps(plan(mix, levels, total))] + (["--twins"] if number % 2 else [])
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT)
    return done.stdout.decode().splitlines()


def shard(number: int, folder: Path = FOLDER) -> Path:
    return folder / f"chunk-{number:05d}.jsonl.gz"


class SceneSource:
    """Iterating gives (item number, item) for ever, from item `first` on.

    `mix` and `levels` are shares (they need not add up to 1); `set_mix` changes them from the next chunk that is not made yet.
    Several workers share a stream by `step` and `offset`: worker k of n takes the chunks k, k + n, k + 2 n and so on.
    Shards win over the exporter: with shards, mix and levels are those they were written with.
    """

    def __init__(self, mix: dict[str, float] | None = None, levels: dict[int, float] | None = None, first: int = 0, chunk: int = CHUNK,
                 step: int = 1, offset: int = 0, folder: Path = FOLDER):
        self.mix, self.levels = dict(mix or MIX), dict(levels or EVEN)
        self.chunk, self.step, self.folder = chunk, step, folder
        number = first // chunk
        self.next_chunk = number + (offset - number) % step
        self.skip = first % chunk if self.next_chunk == number else 0
        self.pool = ThreadPoolExecutor(1)
        self.ahead = self.pool.submit(self._load, self.next_chunk)
        self.header: dict | None = None

    def set_mix(self, mix: dict[str, float] | None = None, levels: dict[int, float] | None = None) -> None:
        self.mix, self.levels = dict(mix or self.mix), dict(levels or self.levels)

    def wait_header(self) -> dict:
        """The export's header, which the renderer needs."""
        return self.ahead.result()[0] if self.header is None else self.header

    def __iter__(self) -> Iterator[tuple[int, dict]]:
        while True:
            number = self.next_chunk
            header, items = self.ahead.result()
            self.header = header
            self.next_chunk = number + self.step
            self.ahead = self.pool.submit(self._load, self.next_chunk)
            for place in range(self.skip, len(items)):
                yield number * self.chunk + place, json.loads(items[place])
            self.skip = 0

    def _load(self, number: int) -> tuple[dict, list[str]]:
        stored = shard(number, self.folder)
        if stored.exists():
            with gzip.open(stored, "rt") as file:
                lines = file.read().splitlines()
        else:
            lines = export(number, self.mix, self.levels, self.chunk)
        header = json.loads(lines[0])
        check_header(header)
        order = np.random.default_rng((number, 3)).permutation(len(lines) - 1)
        return header, [lines[1 + place] for place in order]


def training_fonts(header: dict) -> set[str]:
    return {font["name"] for font in header["fonts"] if font["split"] == "train"}


def main() -> None:
    """Writes shards, for a machine without node: `python -m draw.scene_source --chunks 0-49` (about 0.6 MB each)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", default="0-9", help="first-last")
    parser.add_argument("--mix", type=json.loads, default=MIX)
    parser.add_argument("--levels", type=lambda text: {int(key): value for key, value in json.loads(text).items()}, default=EVEN)
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    first, last = (int(part) for part in options.chunks.split("-"))
    options.out.mkdir(parents=True, exist_ok=True)
    for number in range(first, last + 1):
        with gzip.open(shard(number, options.out), "wt", compresslevel=9) as file:
            file.write("\n".join(export(number, options.mix, options.levels)))
    print(f"{last - first + 1} chunks in {options.out}")


if __name__ == "__main__":
    main()
