"""Packs scenes and their questions into training batches, in a worker process of their own.

One row of a batch is one picture: system turn and visual tokens once, then every conversation about it. Each
conversation attends to the picture and to itself only, and its positions start right after the picture, so to the
decoder it looks like the only one. Conversations without a picture ride along and see neither.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset

import questions
import scenes
import tokenizer as words
from model import DENSE_CHARACTERS, DENSE_COLOURS, DENSE_SHAPES, DENSE_SPLIT, Config

EASY_PICTURES = 16_000  # pictures over which the scenes go from easy to full difficulty
ANSWER_WEIGHT = 6.0  # at most this many tokens' worth of loss per answer
LOOK_UP_WEIGHT = 8.0  # for answers about one thing (its colour, its place): asked less often, learnt last
LONGEST = 208  # tokens a row; conversations that do not fit are dropped


@dataclass
class Batch:
    """Tensors of one step. R answer tokens are trained on, P of their positions are taught where to look."""

    pixels: Tensor  # uint8 [B, 3, h, w]
    tokens: Tensor  # [B, T]
    positions: Tensor  # [B, T]
    segments: Tensor  # [B, T]: 0 picture, > 0 conversations about it, < 0 without picture, padding -10000
    rows: Tensor  # [R, 2]: batch row and position whose next token is `labels`
    labels: Tensor  # [R]
    weights: Tensor  # [R]
    answers: Tensor  # [R]: which answer of the batch the token belongs to
    tasks: list[str]  # task of every answer
    points: Tensor  # [P, 2]: batch row and position
    looks: Tensor  # [P, 2, N + 1]: wanted attention of the two taught heads; last column is the start token ("none")
    starts: Tensor  # [B]: position of the first visual token
    dense: Tensor  # [B, N, split ** 2, 3]

    def mask(self) -> Tensor:
        """Additive attention mask [B, 1, T, T]."""
        segment = self.segments
        causal = torch.ones(segment.shape[1], segment.shape[1], dtype=torch.bool).tril()
        same = segment[:, :, None] == segment[:, None, :]
        picture = (segment[:, :, None] > 0) & (segment[:, None, :] == 0)
        return torch.zeros(same.shape).masked_fill_(~(causal & (same | picture)), float("-inf"))[:, None]


def dense_truth(scene: scenes.Scene, grid: int) -> np.ndarray:
    """What lies in each small square: [N, split ** 2, (shape, colour, character)]."""
    side = grid * DENSE_SPLIT
    truth = np.zeros((side, side, 3), np.int64)

    def square(x: float, y: float) -> tuple[int, int]:
        return min(side - 1, int(y * side)), min(side - 1, int(x * side))

    for thing in scene.things:
        # A colour without a name is not taught (-100 is what cross_entropy leaves out).
        truth[square(thing.x, thing.y)][:2] = DENSE_SHAPES.index(thing.shape), DENSE_COLOURS.index(thing.colour) if thing.colour else -100
    for place in scene.crossings or ():
        truth[square(*place)][0] = DENSE_SHAPES.index("crossing")
    if scene.contact:
        truth[square(*scene.contact)][0] = DENSE_SHAPES.index("contact")
    for character, x, y in scene.characters:
        truth[square(x, y)][2] = DENSE_CHARACTERS.index(character)
    return truth.reshape(grid, DENSE_SPLIT, grid, DENSE_SPLIT, 3).transpose(0, 2, 1, 3, 4).reshape(grid * grid, DENSE_SPLIT**2, 3)


def look(places: list[tuple[float, float]] | None, grid: int, none: bool) -> np.ndarray:
    """Wanted attention: even over the cells of the places, and one share for "none" where the answer is a number."""
    wanted = np.zeros(grid * grid + 1, np.float32)
    if places is not None:
        for x, y in places:
            wanted[min(grid - 1, int(y * grid)) * grid + min(grid - 1, int(x * grid))] += 1
        if none or not places:
            wanted[-1] = 1
        wanted /= wanted.sum()
    return wanted


class Packer:
    """Builds one batch row after another."""

    def __init__(self, config: Config):
        self.config = config
        self.text = words.load(config.vocabulary)
        self.cache: dict[str, list[int]] = {}

    def encode(self, text: str) -> list[int]:
        if text not in self.cache:
            if len(self.cache) > 200_000:
                self.cache.clear()
            self.cache[text] = self.text.encode(text).ids
        return self.cache[text]

    def batch(self, seeds: list[int], ease: float, kind: str | None = None) -> Batch:
        grid, n = self.config.grid, self.config.visual_tokens
        pixels, dense, rows_of = [], [], []
        loss: list[tuple[int, int, int, float, int]] = []
        tasks: list[str] = []
        points, looks, starts = [], [], []
        for b, seed in enumerate(seeds):
            scene = scenes.render(seed, kind, self.config.image_size, ease)
            rng = np.random.default_rng((seed, 1))
            pixels.append(scene.picture.transpose(2, 0, 1))
            dense.append(dense_truth(scene, grid))
            tokens = [words.BOS]
            system = questions.system_text(rng)
            if system:
                tokens += [words.SYSTEM, *self.encode(system), words.END]
            tokens.append(words.USER)
            starts.append(len(tokens))
            tokens += [words.IMAGE] * n
            before = len(tokens)
            positions, segments = list(range(before)), [0] * before
            conversations = [[q] for q in questions.ask(rng, scene)]
            if len(conversations) > 2 and rng.random() < 0.15:  # a second turn about the same picture
                conversations[0] += conversations.pop()
            for c, conversation in enumerate(conversations, 1):
                self._conversation(b, c, before, conversation, [], tokens, positions, segments, loss, tasks, points, looks)
            if rng.random() < 0.12:
                start = [words.BOS] + ([words.SYSTEM, *self.encode(system), words.END] if system else []) + [words.USER]
                self._conversation(b, -1, 0, [questions.without_picture(rng)], start, tokens, positions, segments, loss, tasks, [], [])
            rows_of.append((tokens, positions, segments))
        length = max(LONGEST, *(len(t) for t, _, _ in rows_of))  # one length for nearly all batches: compiled blocks are made for one
        pad = lambda values, filler: torch.tensor([v + [filler] * (length - len(v)) for v in values])
        return Batch(
            torch.from_numpy(np.stack(pixels)), pad([r[0] for r in rows_of], words.PAD), pad([r[1] for r in rows_of], 0), pad([r[2] for r in rows_of], -10000),
            torch.tensor([e[:2] for e in loss]), torch.tensor([e[2] for e in loss]), torch.tensor([e[3] for e in loss]), torch.tensor([e[4] for e in loss]), tasks,
            torch.tensor(points), torch.from_numpy(np.array(looks)), torch.tensor(starts), torch.from_numpy(np.stack(dense)))

    def _conversation(self, b: int, segment: int, before: int, turns: list[questions.Question], start: list[int], tokens: list[int], positions: list[int],
                      segments: list[int], loss: list, tasks: list[str], points: list, looks: list) -> None:
        """Appends one conversation; the first turn continues the user turn that the picture (or `start`) opened."""
        begin, marks = len(tokens), (len(loss), len(tasks), len(points))
        own = list(start)
        for i, question in enumerate(turns):
            own += ([words.USER] if i else []) + self.encode(question.text) + [words.END, words.ASSISTANT]
            answer = (words.spell(self.text, question.answer) if question.spelled is not None else self.encode(question.answer)) + [words.END]
            weight = min(1.0, ANSWER_WEIGHT / len(answer)) * (LOOK_UP_WEIGHT if question.single else 1.0)
            for k, token in enumerate(answer):
                place = begin + len(own) - 1
                loss.append((b, place, token, weight, len(tasks)))
                if question.spelled is not None:
                    if k < len(question.spelled):
                        points.append((b, place))
                        looks.append((look([question.spelled[k]], self.config.grid, False), look(None, self.config.grid, False)))
                elif k == 0 and question.look_first is not None:
                    points.append((b, place))
                    looks.append((look(question.look_first, self.config.grid, not question.single), look(question.look_second, self.config.grid, False)))
                own.append(token)
            tasks.append(question.task)
        if begin + len(own) > LONGEST and segment != 1:
            del loss[marks[0]:], tasks[marks[1]:], points[marks[2]:], looks[marks[2]:]
            return
        tokens += own
        positions += range(before, before + len(own))
        segments += [segment] * len(own)


class Stream(IterableDataset):
    """An endless run of batches from a given picture on; the picture's number is its seed."""

    def __init__(self, config: Config, batch: int, first: int):
        self.config, self.batch_size, self.first = config, batch, first

    def __iter__(self):
        torch.set_num_threads(1)
        packer = Packer(self.config)
        seed = self.first
        while True:
            ease = max(0.0, 1.0 - seed / EASY_PICTURES)
            yield packer.batch(list(range(seed, seed + self.batch_size)), ease)
            seed += self.batch_size
