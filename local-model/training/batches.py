"""Packs scenes and their questions into training batches, in a worker process of their own.

One row of a batch is one picture: system turn and visual tokens once, then every conversation about it. Each
conversation attends to the picture and to itself only, and its positions start right after the picture, so to the
decoder it looks like the only one. Conversations without a picture ride along and see neither.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

import photographs
import questions
import scenes
import suite
import tokenizer as words
from names import table_of
from phrases import mentions
from model import DENSE_CHARACTERS, DENSE_COLOURS, DENSE_SHAPES, DENSE_SPLIT, Config
from printed.net import NEWLINE, PRINTABLE
from printed.simulate import simulate
from things.truth import simulate as simulate_things

EASY_PICTURES = 16_000  # pictures over which the scenes go from easy to full difficulty
ANSWER_WEIGHT = 6.0  # at most this many tokens' worth of loss per answer
LOOK_UP_WEIGHT = 1.5  # for answers about one thing (its colour, its place); with 4 they crowded out the counts
TEXT = 168  # tokens a row beside the visual ones; conversations that do not fit are dropped
LONGEST_NAME = 6  # tokens of a name where the model has no name tokens
PHOTO_SHARE = 21  # one picture in so many stands for a photograph (photographs.py)
OLD_SHARE = 4  # one picture in so many is of the old generator (scenes.py), the others are lessons of the suites (suite.py)
FINE_SHARE = 0.8  # of batches: of fine pictures, whose print is found
EASY_LESSONS = 6_000  # lessons over which the suites' levels go from easy to even


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
    grounds: Tensor  # [G, 2]: batch row and position of the last token of a named thing
    ground_looks: Tensor  # [G, N + 1]: wanted attention of the grounding head, last column as in `looks`
    ground_places: Tensor  # [G, 2]: where the thing is, -1 where none or several are meant
    offsets: Tensor  # [O, 2]: batch row and position of the answers to relations
    offset_values: Tensor  # [O, 2]: how far the first thing lies right of and below the second
    named: Tensor  # [K, 3]: a row of `points`, the class whose name is said there, and which of the name's tokens
    wishes: Tensor  # [B, 3]: kind and two classes where the picture stands for a photograph of something else; else -1
    found: Tensor | None  # [B, MOST, FIELDS]: the print that is found where the picture stands for a fine one
    things: Tensor | None  # the same of things, if the model finds them

    def to(self, device: torch.device) -> "Batch":
        return Batch(**{f.name: v.to(device) if isinstance(v := getattr(self, f.name), Tensor) else v for f in fields(self)})

    def mask(self) -> Tensor:
        """Additive attention mask [B, 1, T, T]."""
        segment = self.segments
        causal = torch.ones(segment.shape[1], segment.shape[1], dtype=torch.bool, device=segment.device).tril()
        same = segment[:, :, None] == segment[:, None, :]
        picture = (segment[:, :, None] > 0) & (segment[:, None, :] == 0)
        return torch.zeros(same.shape, device=segment.device).masked_fill_(~(causal & (same | picture)), float("-inf"))[:, None]


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
    for mark, x, y in scene.marks:
        truth[square(x, y)][0] = DENSE_SHAPES.index(mark)
    for character, x, y in scene.characters:
        if character in DENSE_CHARACTERS:
            truth[square(x, y)][2] = DENSE_CHARACTERS.index(character)
    return truth.reshape(grid, DENSE_SPLIT, grid, DENSE_SPLIT, 3).transpose(0, 2, 1, 3, 4).reshape(grid * grid, DENSE_SPLIT**2, 3)


def look(places: list[tuple[float, float]] | None, grid: int, none: bool, said: int = 0, rows: dict[tuple[float, float], int] | None = None) -> np.ndarray:
    """Wanted attention: even over the cells of the places, and one share for "none" where the answer is a number. `said` tokens lie between.

    `rows` are the tokens of what was found at a place, which are to be looked at instead of its cell.
    """
    wanted = np.zeros(grid * grid + said + 1, np.float32)
    if places is not None:
        for x, y in places:
            row = rows.get((x, y)) if rows else None
            wanted[min(grid - 1, int(y * grid)) * grid + min(grid - 1, int(x * grid)) if row is None else row] += 1
        if none or not places:
            wanted[-1] = 1
        wanted /= wanted.sum()
    return wanted


class Packer:
    """Builds one batch row after another."""

    def __init__(self, config: Config):
        self.config = config
        self.text = words.load(config.vocabulary)
        self.names = table_of(config.vocabulary, config.name_tokens or LONGEST_NAME)

    def encode(self, text: str) -> list[int]:
        return self.text.encode(text).ids

    def scene(self, seed: int, size: int, ease: float) -> tuple[scenes.Scene, list[questions.Question] | None]:
        """Picture number `seed`: mostly a lesson of the suites, every few of the old generator."""
        if self.config.name_tokens and seed % PHOTO_SHARE == PHOTO_SHARE // 2:
            return photographs.lesson(seed, size, seed >= scenes.HELD_OUT_SEED)
        if seed >= scenes.HELD_OUT_SEED:
            number = seed - scenes.HELD_OUT_SEED
            if number % OLD_SHARE:
                return suite.lesson(number, size, 0.0, suite.HELD_OUT_BLOCK)
        elif seed % OLD_SHARE:
            return suite.lesson(seed, size, ease)
        return scenes.render(seed, None, size, 0.0), None

    def image_tokens(self, grid: int) -> int:
        """How many tokens stand for a picture; study.py has models with fewer."""
        return grid**2 + self.said

    def batch(self, seeds: list[int], ease: float, size: int | None = None, fine: bool = False) -> Batch:
        """`ease` 1 is the beginning of the suites' lessons; `size` is the side of the pictures in pixels; `fine` ones' print is found."""
        size = size or self.config.image_size
        grid = self.grid = size // self.config.patch_size
        self.said = self.config.said_tokens + (self.config.fine_tokens if fine else 0)
        n, looked_at = self.image_tokens(grid), grid**2 + self.said
        self.longest = n + TEXT
        pixels, dense, rows_of = [], [], []
        loss: list[tuple[int, int, int, float, int]] = []
        tasks: list[str] = []
        points, looks, starts = [], [], []
        self.grounds, self.ground_looks, self.ground_places, self.offsets, self.offset_values, self.named, wishes, found, things = [], [], [], [], [], [], [], [], []
        for b, seed in enumerate(seeds):
            scene, asked = self.scene(seed, size, ease)
            self.current = scene
            rng = np.random.default_rng((seed, 1))
            self.found, self.slots = simulate(rng, scene.printed, scene.legible) if fine else (None, {})
            found.append(self.found)
            seen, rows = simulate_things(np.random.default_rng((seed, 5)), scene) if fine and self.config.things else (None, {})
            self.rows = {place: n - self.config.thing_tokens + row for place, row in rows.items()}
            self.print_rows = {place: self._print_token(row) for place, row in self.slots.items()}
            things.append(seen)
            pixels.append(scene.picture.transpose(2, 0, 1))
            dense.append(dense_truth(scene, grid))
            wishes.append(scene.wish or (-1, 0, 0))
            tokens = [words.BOS]
            system = questions.system_text(rng)
            if system:
                tokens += [words.SYSTEM, *self.encode(system), words.END]
            tokens.append(words.USER)
            starts.append(len(tokens))
            tokens += [words.IMAGE] * n
            before = len(tokens)
            positions, segments = list(range(before)), [0] * before
            if asked is None:
                asked = questions.ask(rng, scene)
            else:
                asked += [questions.out_of_reach(rng)] if rng.random() < 0.12 else []
                asked = questions.different(rng, asked)
            conversations = [[q] for q in asked]
            if len(conversations) > 2 and rng.random() < 0.15:  # a second turn about the same picture
                conversations[0] += conversations.pop()
            for c, conversation in enumerate(conversations, 1):
                self._conversation(b, c, before, conversation, [], tokens, positions, segments, loss, tasks, points, looks)
            if rng.random() < 0.12:
                start = [words.BOS] + ([words.SYSTEM, *self.encode(system), words.END] if system else []) + [words.USER]
                self._conversation(b, -1, 0, [questions.without_picture(rng)], start, tokens, positions, segments, loss, tasks, [], [])
            rows_of.append((tokens, positions, segments))
        length = max(self.longest, *(len(t) for t, _, _ in rows_of))  # one length for nearly all batches: compiled blocks are made for one
        pad = lambda values, filler: torch.tensor([v + [filler] * (length - len(v)) for v in values])
        return Batch(
            torch.from_numpy(np.stack(pixels)), pad([r[0] for r in rows_of], words.PAD), pad([r[1] for r in rows_of], 0), pad([r[2] for r in rows_of], -10000),
            torch.tensor([e[:2] for e in loss]), torch.tensor([e[2] for e in loss]), torch.tensor([e[3] for e in loss]), torch.tensor([e[4] for e in loss]), tasks,
            torch.tensor(points), torch.from_numpy(np.array(looks)), torch.tensor(starts), torch.from_numpy(np.stack(dense)),
            torch.tensor(self.grounds).view(-1, 2), torch.from_numpy(np.array(self.ground_looks, np.float32).reshape(-1, looked_at + 1)), torch.tensor(self.ground_places, dtype=torch.float32).view(-1, 2),
            torch.tensor(self.offsets, dtype=torch.long).view(-1, 2), torch.tensor(self.offset_values, dtype=torch.float32).view(-1, 2),
            torch.tensor(self.named, dtype=torch.long).view(-1, 3), torch.tensor(wishes), torch.from_numpy(np.stack(found)) if fine else None,
            torch.from_numpy(np.stack(things)) if fine and self.config.things else None)

    def _conversation(self, b: int, segment: int, before: int, turns: list[questions.Question], start: list[int], tokens: list[int], positions: list[int],
                      segments: list[int], loss: list, tasks: list[str], points: list, looks: list) -> None:
        """Appends one conversation; the first turn continues the user turn that the picture (or `start`) opened."""
        begin, marks = len(tokens), (len(loss), len(tasks), len(points), len(self.grounds), len(self.offsets), len(self.named))
        own = list(start)
        for i, question in enumerate(self._as_found(turn) for turn in turns):
            own += [words.USER] if i else []
            encoded = self.text.encode(question.text)
            self._ground(b, begin + len(own), question, encoded.offsets, segment)
            own += encoded.ids + [words.END, words.ASSISTANT]
            answer, names = self._answer(question)
            weight = min(1.0, ANSWER_WEIGHT / len(answer)) * (question.weight or (LOOK_UP_WEIGHT if question.single else 1.0))
            for k, token in enumerate(answer):
                place = begin + len(own) - 1
                loss.append((b, place, token, weight, len(tasks)))
                wanted = self._looks(question, k, len(answer))
                if k in names:
                    self.named.append((len(points), *names[k]))
                    wanted = wanted or (self._look(None, False), self._look(None, False))
                if wanted is not None:
                    points.append((b, place))
                    looks.append(wanted)
                if k == 0 and question.offset is not None:
                    self.offsets.append((b, place))
                    self.offset_values.append(question.offset)
                own.append(token)
            tasks.append(question.task)
        if begin + len(own) > self.longest and segment != 1:
            del loss[marks[0]:], tasks[marks[1]:], points[marks[2]:], looks[marks[2]:]
            del self.grounds[marks[3]:], self.ground_looks[marks[3]:], self.ground_places[marks[3]:], self.offsets[marks[4]:], self.offset_values[marks[4]:], self.named[marks[5]:]
            return
        tokens += own
        positions += range(before, before + len(own))
        segments += [segment] * len(own)

    def _as_found(self, question: questions.Question) -> questions.Question:
        """Where print was found, what is read is what was found: each character's row besides its place."""
        if self.found is None or not question.spelled:
            return question
        rows = [self.slots.get(place) for place in question.spelled]
        if all(row is None for row in rows):
            printed = {p[1:3] for p in self.current.printed}
            return replace(question, answer=questions.unread(question.text), spelled=None) if all(place in printed for place in question.spelled) else question
        kept = [(place, row) for place, row in zip(question.spelled, rows) if row is not None]
        return replace(question, answer="".join(PRINTABLE[int(self.found[row, 0]) - 1] for _, row in kept), spelled=[place for place, _ in kept], rows=[row for _, row in kept])

    def _answer(self, question: questions.Question) -> tuple[list[int], dict[int, tuple[int, int]]]:
        """The answer's tokens; and at which of them a name is said: its class, and which of the name's tokens comes."""
        if question.spelled is not None:
            return words.spell(self.text, question.answer) + [words.END], {}
        ids, said = [], {}
        for part in question.written or [question.answer]:
            piece = self.encode(part) if isinstance(part, str) else self.names[part]
            if not isinstance(part, str):
                said |= {len(ids) + k: (part, k) for k in range(len(piece))}
            ids += piece
        if len(ids) - 1 in said:  # the end follows the name there too, unless the name fills its tokens
            part, k = said[len(ids) - 1]
            said[len(ids)] = (part, k + 1)
        return ids + [words.END], {place: (part, k) for place, (part, k) in said.items() if k < self.config.name_tokens}

    def _look(self, places: list[tuple[float, float]] | None, none: bool) -> np.ndarray:
        return look(places, self.grid, none, self.said, self.rows)

    def _look_at_row(self, row: int) -> np.ndarray:
        """At one row of the print that was found."""
        wanted = self._look(None, False)
        wanted[self._print_token(row)] = 1
        return wanted

    def _print_token(self, row: int) -> int:
        """Which of the picture's tokens stands for a row of the print that was found."""
        return self.grid**2 + self.config.said_tokens + row

    def _looks(self, question: questions.Question, k: int, length: int) -> tuple[np.ndarray, np.ndarray] | None:
        """Where the two taught heads look while answer token `k` of `length` is decided; None: they are not taught."""
        nowhere = self._look(None, False)
        if question.rows:
            if k < len(question.rows):
                return self._look(question.look_first or [question.spelled[k]], False), self._look_at_row(question.rows[k])
            after = question.rows[-1] + 1  # the end of the line ends the answer too; a word in the middle of one ends by itself
            return (nowhere, self._look_at_row(after)) if after < self.config.print_tokens and self.found[after, 0] in (0, NEWLINE) else None
        if question.spelled is not None:
            return (self._look([question.spelled[k]], False), nowhere) if k < len(question.spelled) else None
        if question.pair:
            places = question.look_first if k == 0 else question.look_second if k == length - 2 else None
            return (self._look(places, True), nowhere) if places is not None else None
        if k == 0 and question.look_first is not None:
            return self._look(question.look_first, not question.single), self._look(question.look_second, False)
        return None

    def _ground(self, b: int, start: int, question: questions.Question, offsets: list[tuple[int, int]], segment: int) -> None:
        """Marks the last token of everything that the question names."""
        if segment < 0:
            return
        for mention in mentions(question.text, self.current):
            token = next((k for k, (_, end) in enumerate(offsets) if end >= mention.end), None)
            if token is not None:
                self.grounds.append((b, start + token))
                self.ground_looks.append(look(mention.places, self.grid, True, self.said, self.rows | self.print_rows))
                self.ground_places.append(mention.places[0] if len(mention.places) == 1 else (-1.0, -1.0))


class Stream(IterableDataset):
    """An endless run of batches from a given picture on; the picture's number is its seed. `sizes` are their sides with shares."""

    def __init__(self, config: Config, batch: int, first: int, start: int, sizes: dict[int, float]):
        self.config, self.batch_size, self.first, self.start, self.sizes = config, batch, first, start, sizes

    def __iter__(self):
        torch.set_num_threads(1)
        packer = Packer(self.config)
        worker = get_worker_info()  # several take turns
        turn, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        seed = self.first + turn * self.batch_size
        shares = np.array(list(self.sizes.values()))
        while True:
            ease = max(0.0, 1.0 - (seed - self.start) / EASY_LESSONS)
            size = int(np.random.default_rng((seed, 3)).choice(list(self.sizes), p=shares / shares.sum()))
            fine = self.config.print_tokens > 0 and np.random.default_rng((seed, 4)).random() < FINE_SHARE
            yield packer.batch(list(range(seed, seed + self.batch_size)), ease, size, fine)
            seed += self.batch_size * workers
