"""A lesson: one exported item drawn at the model's size, everything that is true about it, and questions with answers.

The questions carry the fields of questions.Question (task, text, answer, look_first, look_second, single, spelled, weight, pair,
offset) so that batches.py packs both alike. Answers are in the plainest form that the harness's scorer accepts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from . import wordings
from .places import MARKS, Character, Frame, Mark, Place, Thing, characters, contact_point, grid_cells, marks, seen_x_height, spot, things
from .published import restyled
from .renderer import Renderer

LEAST_X_HEIGHT = 3.2  # print whose small letters are lower than this in the model's picture cannot be read, in its pixels
LOOSE = 0.35  # share of questions in a wording without the harness's instruction
PUBLISHED = 0.5  # share of geometric items that are asked in BlindTest's words, half of them drawn in its manner
RELATION = re.compile(r"(?:left|right|above|below)")


@dataclass
class Question:
    """One question with its answer; see questions.Question. A look of None means: where to look is not taught."""

    task: str
    text: str
    answer: str
    look_first: list[Place] | None = None
    look_second: list[Place] | None = None
    spelled: list[Place] | None = None  # the place of every character of the answer, spaces included
    single: bool = False
    weight: float | None = None
    pair: bool = False  # two numbers: the first looks at look_first, the last at look_second
    offset: Place | None = None  # how far the first thing lies to the right of and below the second
    wording: str = "harness"  # harness, loose or published
    truth: dict | None = None  # answerSpec and answer, for scoring
    legible: bool = True  # False: the answer rests on print too small at this size


@dataclass
class Lesson:
    """A picture (uint8 [S, S, 3]) and its truth; places are fractions from the top left corner."""

    id: str
    generator: str
    subtask: str
    level: int
    picture: np.ndarray
    things: list[Thing] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    characters: list[Character] = field(default_factory=list)  # of print that can be read at this size
    questions: list[Question] = field(default_factory=list)


class Teacher:
    """Makes lessons of items; one for each process, since it keeps sprites, faces and canvases."""

    def __init__(self, header: dict, renderer: Renderer | None = None, least_x_height: float = LEAST_X_HEIGHT):
        self.renderer = renderer or Renderer(header)
        self.faces, self.least = self.renderer.faces, least_x_height

    def lesson(self, item: dict, size: int, rng: np.random.Generator, illegible: str = "drop", loose: float = LOOSE, published: float = PUBLISHED) -> Lesson:
        """The lesson of an item. The item's own question comes first.

        `illegible` says what becomes of questions about print that is too small at this size: "drop" leaves them out,
        "abstain" answers them with "unreadable", "keep" asks them all the same.
        """
        blind = item["generator"]["name"] == "geometric" and rng.random() < published
        tangent = False
        if blind and rng.random() < 0.5:
            item, tangent = restyled(item, rng)
        scene = item["scene"]
        frame = Frame(scene)
        clear = readable(item, self.faces, size, self.least)
        made = Lesson(item["id"], item["generator"]["name"], item["subtask"], item["level"], self.renderer.draw(scene, size, rng), things(scene, frame),
                      [Mark(kind, *frame.place(x, y)) for kind, x, y in marks(item) if kind in MARKS], characters(scene, frame, self.faces, clear))
        view = View(item, frame, self.faces, clear, tangent)
        made.questions = [question for question in view.ask(rng, loose, blind) if question.legible or illegible != "drop"]
        for question in made.questions:
            if not question.legible and illegible == "abstain":
                question.answer, question.spelled, question.look_first, question.look_second = wordings.UNREADABLE, None, [], None
        return made


def readable(item: dict, faces, size: int, least: float) -> set[str]:
    """Ids of the text elements that can be read in the finished picture: large enough for it and not blurred away."""
    scene = item["scene"]
    if item["answer"] is None and item["task"] == "ocr":
        return set()
    blur = scene["degradations"]["blur"] / 10 * size / max(scene["width"], scene["height"])
    found = set()
    for element in scene["elements"]:
        if element["kind"] == "text":
            height = seen_x_height(element, faces, scene, size)
            if height >= least and blur * 6 <= height:
                found.add(element["id"])
    return found


class View:
    """Asks about one item; knows where its elements lie in the picture."""

    def __init__(self, item: dict, frame: Frame, faces, clear: set[str], tangent: bool):
        self.item, self.frame, self.faces, self.clear, self.tangent = item, frame, faces, clear, tangent
        self.elements = {element["id"]: element for element in item["scene"]["elements"]}

    def ask(self, rng: np.random.Generator, loose: float, blind: bool) -> list[Question]:
        item = self.item
        asked = self._published(rng) if blind else []
        # A tangent pair of circles touches and does not overlap: the harness's "touch or overlap" is yes.
        asked += [self._question(rng, item, loose)]
        asked += [self._question(rng, {**more, "subtask": "more"}, loose) for more in item.get("more", [])]
        asked += self._colour(rng)
        return asked

    def places(self, ids: list[str]) -> list[Place]:
        return [self.frame.place(*spot(self.elements[name])) for name in ids]

    def _published(self, rng: np.random.Generator) -> list[Question]:
        """One published prompt (for circles both, since they ask for different things)."""
        item = self.item
        prompts = wordings.PUBLISHED[item["subtask"]]
        if item["subtask"] == "crossings" and {element["name"] for element in item["scene"]["elements"]} != {"blue line", "red line"}:
            return []
        numbers = (0, 1) if item["subtask"] == "touching-circles" else (int(rng.integers(2)),)
        return [self._looked(Question(item["task"], prompts[n], wordings.published_answer(item["subtask"], n, self._overlap(), self.tangent), wording="published",
                                      truth={"answerSpec": item["answerSpec"], "answer": self._published_truth(n)}), item) for n in numbers]

    def _overlap(self):
        return "no" if self.tangent else self.item["answer"]

    def _published_truth(self, prompt: int):
        if self.item["subtask"] != "touching-circles":
            return self.item["answer"]
        return "yes" if self._overlap() == "yes" or (self.tangent and prompt == 0) else "no"

    def _question(self, rng: np.random.Generator, asked: dict, loose: float) -> Question:
        if rng.random() < loose:
            text, wording = wordings.vary(rng, wordings.loose(rng, asked["questions"], asked["subtask"])), "loose"
        else:
            text, wording = wordings.pick(rng, asked["questions"]), "harness"
        question = Question(asked["task"], text, answer_text(asked), wording=wording, truth={"answerSpec": asked["answerSpec"], "answer": asked["answer"]})
        if asked["subtask"] == "prior" and asked["task"] == "counting":
            question.task = "prior"
        return self._looked(question, asked)

    def _looked(self, question: Question, asked: dict) -> Question:
        """Adds where to look."""
        evidence, subtask, spec, answer = asked["evidence"], asked["subtask"], asked["answerSpec"]["type"], asked["answer"]
        texts = [self.elements[name] for name in evidence if self.elements[name]["kind"] == "text"]
        if self.item["generator"]["name"] == "charts":
            return self._charted(question, asked)
        if texts and answer is None:
            question.look_first = self._middles(texts)
        elif texts:
            question.legible = all(element["id"] in self.clear for element in texts)
            question.spelled = self._spelled(texts, question.answer, "last word" in asked["questions"][0])
        elif spec == "pair":
            rows, columns = grid_cells(self.item["scene"])
            question.look_first, question.look_second = [self.frame.place(*p) for p in rows], [self.frame.place(*p) for p in columns]
            question.pair = True
        elif subtask in ("crossings", "nested-squares") or (subtask == "prior" and asked["task"] == "counting"):
            question.look_first = [self.frame.place(x, y) for _, x, y in marks(self.item)]
        elif subtask == "touching-circles":
            circles = [self.elements[name] for name in evidence]
            question.look_first, question.single = [self.frame.place(*contact_point(*circles))], True
        elif asked["task"] == "spatial" and len(evidence) == 2 and subtask != "outermost":
            first, second = self._ordered(evidence, asked["questions"][0])
            question.look_first, question.look_second, question.single = [first], [second], True
            question.offset = (first[0] - second[0], first[1] - second[1])
        elif subtask == "outermost":
            named = [name for name, element in self.elements.items() if element["name"] == answer]
            question.look_first, question.single = self.places(named), True
        elif spec in ("choice", "text"):
            question.look_first, question.single = self.places(evidence), True
        else:
            question.look_first = self.places(evidence if answer != "no" else [])
        return question

    def _ordered(self, evidence: list[str], text: str) -> tuple[Place, Place]:
        """The asked thing first: the evidence names it so in every relation, checked by the question's words."""
        first, second = evidence
        names = [self.elements[name]["name"] for name in evidence]
        start = wordings.plain(text)
        if "relative to" not in start and start.find(names[0]) > start.find(names[1]) >= 0:
            first, second = second, first
        return self.places([first])[0], self.places([second])[0]

    def _charted(self, question: Question, asked: dict) -> Question:
        """The mark and its label; a percentage is printed behind the label."""
        label = asked["answer"] if isinstance(asked["answer"], str) else re.search(r'"([^"]+)"', asked["questions"][0])[1]
        named = [element for element in self.elements.values() if element["kind"] == "text" and (element["text"] == label or element["text"].startswith(label + " "))]
        texts = [element for element in self.elements.values() if element["kind"] == "text"]
        question.legible = all(element["id"] in self.clear for element in texts)
        if question.legible and self.item["subtask"] == "pie-percent":
            question.spelled = self._spelled(named, question.answer, True)
        else:
            question.look_first, question.look_second, question.single = self.places(asked["evidence"]), self._middles(named), True
        return question

    def _middles(self, texts: list[dict]) -> list[Place]:
        found = []
        for element in texts:
            face = self.faces.get(element["font"])
            found.append(self.frame.place(face.start(element) + face.offsets(element["text"])[-1] * element["size"] / 2, element["y"] - element["size"] * face.capital_height / 2))
        return found

    def _spelled(self, texts: list[dict], answer: str, last: bool) -> list[Place] | None:
        """The place of every character of an answer that stands in these text elements; lines are joined by a space."""
        found: list[Character] = []
        for element in texts:
            line = characters(self.item["scene"], self.frame, self.faces, {element["id"]})
            found += ([Character(" ", line[0].x, line[0].y, element["id"])] if found else []) + line
        whole = "".join(character.character for character in found)
        at = whole.rfind(answer) if last else whole.find(answer)
        return None if at < 0 else [(character.x, character.y) for character in found[at: at + len(answer)]]

    def _colour(self, rng: np.random.Generator) -> list[Question]:
        """The colour of a thing that is the only one of its shape."""
        if self.item["generator"]["name"] not in ("counting", "spatial", "existence") or rng.random() > 0.6:
            return []
        coloured = [thing for thing in things(self.item["scene"], self.frame) if thing.colour]
        single = [thing for thing in coloured if sum(other.category == thing.category for other in coloured) == 1]
        if not single:
            return []
        thing = wordings.pick(rng, single)
        question = Question("colour", wordings.vary(rng, wordings.pick(rng, wordings.COLOUR).format(thing.category)), thing.colour, [(thing.x, thing.y)], single=True, wording="loose",
                            truth={"answerSpec": {"type": "text", "accept": [], "caseSensitive": False, "abstain": "wrong"}, "answer": thing.colour})
        return [question]


def answer_text(asked: dict) -> str:
    """The truth as it is to be said."""
    answer = asked["answer"]
    if answer is None:
        return wordings.UNREADABLE
    return ", ".join(str(number) for number in answer) if isinstance(answer, list) else str(answer)
