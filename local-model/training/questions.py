"""Asks about a scene what its truth can answer, in several wordings, and says where to look for each answer.

The places in `look_first` and `look_second` (fractions of the picture) are a training help only: they teach one
attention head of the decoder where the answer lies (train.py, "pointing loss"). The shipped model gets no places.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import loose
from lettering import LETTERS
from loose import pick
from scenes import COLOURS, SHAPES, Scene, Thing

Place = tuple[float, float]

REACH = " I can count and place drawn things and say what a picture shows; for more, name a larger model."
CANNOT_TELL = "I cannot tell." + REACH
NO_PICTURE = "I see no picture." + REACH
PHRASES = ("I cannot tell.", "I see no picture.", REACH)  # one token each: a refusal costs two steps

PLURALS = {"circle": ("circles", "circles", "circles", "discs", "dots"), "square": ("squares",), "triangle": ("triangles",),
           "star": ("stars",), "cross": ("crosses", "plus signs"), "heart": ("hearts",)}
SINGULARS = {"circle": ("circle", "circle", "circle", "disc", "dot"), "square": ("square",), "triangle": ("triangle",),
             "star": ("star",), "cross": ("cross", "plus sign"), "heart": ("heart",)}

HOW_MANY = ("How many {} are there?", "How many {} are there?", "How many {} are in the picture?", "How many {} are in the image?", "How many {} do you see?",
            "How many {} can you see?", "How many {}?", "Count the {}.", "Count the {} in this image.", "What is the number of {}?",
            "How many {} are shown?", "How many {} does the picture show?", "Number of {}?", "Please count the {}.", "Tell me how many {} there are.",
            "How many {} are in this picture?", "How many {} are there in this image?", "How many {} are there in the picture?", "How many {} are in this image?", "How many {} does this image contain?",
            "Can you tell me how many {} there are in this picture?", "Count the {} in the picture.", "How many {} are visible?", "How many {} are drawn here?", "What is the count of {}?")
IS_THERE = ("Is there {} in the picture?", "Is there {}?", "Can you see {}?", "Do you see {}?", "Does the picture show {}?", "Is there {} in the image?", "Does the image contain {}?", "Is there {} in this picture?", "Is there {} in this image?")
WHAT_COLOUR = ("What colour is the {}?", "What color is the {}?", "Which color is the {}?", "What is the colour of the {}?", "What is the color of the {}?", "Name the color of the {}.", "What colour is the {} in the picture?", "What color is the {} in the image?")
WHERE = ("Where is the {} relative to the {}?", "Is the {} left of, right of, above or below the {}?", "Where is the {} compared with the {}?", "On which side of the {1} is the {0}?",
         "Where does the {} lie, seen from the {}?")
READ = ("What does it say?", "What does the text say?", "Read the text.", "Read the word.", "What is written here?", "What word is this?", "What is written in the picture?",
        "What text is in the image?", "Transcribe the text.", "What does the sign say?", "What does this say?", "Read the text in this image.", "What word is in the image?")
READ_NUMBER = ("What number is this?", "Read the number.", "What number is shown?", "Which number is written here?", "What is the number in the picture?")
CROSSINGS = ("How many times do the two lines cross?", "How often do the lines cross?", "How many times do the lines intersect?", "How many crossings are there?",
             "Count the intersections of the two lines.", "How many intersection points are there?")
TOUCH = ("Do the two circles touch?", "Are the two circles touching?", "Do the circles touch or overlap?", "Are the circles touching each other?", "Do the two circles overlap or touch?")
LOOSER = 0.4  # share of counts and relations in loose.py's wordings
WHAT_IS = ("What is in the picture?", "What is in this image?", "What do you see?", "What does the picture show?", "What is shown?", "What is this?", "What is in the image?")
BRIEFLY = (" Answer with a number.", " Answer with one word.", " Answer briefly.", " Answer with a single number.", " Just the answer.", " Reply with one word only.", " Answer with a single word.", " Answer with just the number.",
           " Answer with a single digit.", " Reply with only the number.", " Give only the answer.", " Answer with a number only.", " Be brief.")

THINGS_UNKNOWN = (
    "coins cats dogs people cars apples birds trees houses chairs buttons bottles books windows fingers children men women horses cows sheep boats planes buses "
    "bicycles flowers leaves fish cups plates spoons forks knives bananas oranges lemons eggs cookies cakes pizzas phones laptops screens keys doors tables lamps "
    "clocks shoes hats shirts socks bags boxes balls balloons candles pencils pens cards dice stones clouds mountains rivers bridges roads signs lights animals insects "
    "bees butterflies spiders ants mice rabbits elephants lions tigers bears monkeys snakes frogs teeth eyes hands faces legs wheels tires engines tools screws nails "
    "hexagons pentagons octagons diamonds ovals cubes spheres cones pyramids cylinders arrows spirals moons planets rockets robots ghosts crowns flags tickets stamps bills"
).split()
ADJECTIVES = ("big", "small", "old", "new", "wooden", "metal", "happy", "broken", "open", "closed", "tall", "wet", "empty", "striped")
OUT_OF_REACH = (
    "Describe this picture.", "Describe the image in detail.", "Write a caption for this image.", "What is the mood of this picture?", "Who painted this?", "Who is this?",
    "Where was this photo taken?", "What time is it?", "What is the weather like?", "What breed is this dog?", "What brand is this?", "How old is this person?", "What is the capital of France?",
    "Write a poem about it.", "Tell me a story.", "Translate the text into German.", "Translate this into French.", "What is 12 times 7?", "What is two plus two?", "Is this person happy?",
    "What is the total on the receipt?", "How much does it cost?", "Summarize this document.", "What does the chart show?", "Which bar is the highest?", "What is the value of the third bar?",
    "What happens next?", "Why is this funny?", "Explain this meme.", "What is the person doing?", "Is it day or night?", "Is this picture safe for work?", "What kind of animal is this?",
    "What kind of food is this?", "What is the name of this place?", "What language is this?", "Solve the equation.", "What is the answer to the puzzle?", "Which way should I go?", "Is the traffic light green?",
    "Give me a JSON object with all things you see.", "List all objects with boxes.", "What is the license plate?", "What material is this made of?", "How tall is the building?", "How far away is it?",
    "Hello!", "Hi", "Hello, how are you?", "Who are you?", "What can you do?", "Thank you", "Write a Python function.", "What is your name?", "Tell me a joke.", "Help me with my homework.",
    "Extract the invoice number.", "What is the date on the document?", "How many people are wearing hats?", "Is there anything dangerous?", "Compare the two pictures.", "What changed between the images?",
    "What is the man holding?", "What is behind the house?", "What is on the table?", "Is the door open?", "What sport is this?", "What season is it?", "Convert this table to CSV.", "What is the area of the shape?",
    "Which number is larger?", "What emotion does the face show?", "Find the differences.", "What do you think about it?", "Rate this photo.", "What camera took this?", "What is the diagnosis?", "Is this edible?",
)
SYSTEM_TEXTS = (
    "You are a helpful assistant.", "Answer briefly.", "You answer questions about pictures.", "You are a careful assistant that looks at images.", "Be short and exact.",
    "Answer in one word if you can.", "You are a vision model. Answer only what is asked.", "Reply with the answer only.", "You are a friendly robot. Be polite and concise.",
    "Today is Tuesday. The user is a teacher.", "Never make things up. If you do not know, say so.", "Answer truthfully. Count with care.", "Look at the image and answer the question.",
    "You are an assistant for a children's drawing game.", "You are evaluated on simple visual questions; give a single short answer.",
)


@dataclass
class Question:
    """One question with its answer. A look of None means: where to look is not taught."""

    task: str
    text: str
    answer: str
    look_first: list[Place] | None = None
    look_second: list[Place] | None = None
    spelled: list[Place] | None = None  # reading: the place of every character of the answer
    rows: list[int] | None = None  # where the print was found (printed/): the row of every character of the answer
    single: bool = False  # the look falls on one thing, so nothing is left for "none"
    weight: float | None = None  # of the answer in the loss; None: batches.py decides
    pair: bool = False  # two numbers: the first looks at look_first, the last at look_second
    written: list[str | int] | None = None  # the answer in parts; a number is a class of names.py, whose name is said
    offset: Place | None = None  # how far the first thing lies to the right of and below the second


def unread(text: str) -> str:
    """The answer to a question about print that cannot be read, in the word that the question asks for."""
    return "unreadable" if "unreadable" in text else CANNOT_TELL


def _places(things: list[Thing]) -> list[Place]:
    return [(t.x, t.y) for t in things]


def _noun(rng: np.random.Generator, shape: str | None, colour: str | None, many: bool) -> str:
    word = pick(rng, ("things", "shapes", "objects", "figures", "shapes") if many else ("thing", "shape", "object")) if shape is None else pick(rng, (PLURALS if many else SINGULARS)[shape])
    colour_word = "grey" if colour == "gray" and rng.random() < 0.4 else colour
    return f"{colour_word} {word}" if colour else word


def _a(noun: str) -> str:
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def _matching(scene: Scene, shape: str | None, colour: str | None) -> list[Thing]:
    return [t for t in scene.things if (shape is None or t.shape == shape) and (colour is None or t.colour == colour)]


def _any_colour(rng: np.random.Generator) -> str:
    return pick(rng, tuple(COLOURS))


def wanted(rng: np.random.Generator, scene: Scene, present: float) -> tuple[str | None, str | None]:
    """A shape, a colour or both, really there with the given probability (otherwise drawn at will)."""
    form = rng.random()
    shape, colour = pick(rng, SHAPES), _any_colour(rng)
    if scene.things and rng.random() < present:
        thing = pick(rng, scene.things)
        shape, colour = thing.shape, thing.colour
    elif scene.things and rng.random() < 0.6:  # near miss: right shape or right colour
        thing = pick(rng, scene.things)
        shape, colour = (thing.shape, colour) if rng.random() < 0.5 else (shape, thing.colour)
    if form < 0.5 or colour is None:
        return shape, None
    return (None, colour) if form < 0.65 else (shape, colour)


def count(rng: np.random.Generator, scene: Scene, shape: str | None, colour: str | None, wording: str | None = None) -> Question:
    found = _matching(scene, shape, colour)
    task = "count all" if shape is None and colour is None else "count shape" if colour is None else "count colour" if shape is None else "count coloured shape"
    noun = _noun(rng, shape, colour, True)
    text = loose.count(rng, noun) if wording is None and rng.random() < LOOSER else (wording or pick(rng, HOW_MANY)).format(noun)
    return Question(task, text, str(len(found)), _places(found))


def exists(rng: np.random.Generator, scene: Scene, shape: str | None, colour: str | None) -> Question:
    found = _matching(scene, shape, colour)
    noun = _noun(rng, shape, colour, False)
    text = pick(rng, IS_THERE).format(_a(noun))
    if rng.random() < 0.15:
        text = f"Are there any {_noun(rng, shape, colour, True)}?"
    return Question("exists", text, "yes" if found else "no", _places(found))


def _unique(rng: np.random.Generator, scene: Scene, thing: Thing) -> str | None:
    """Words that single out a thing, if there are any."""
    ways = []
    if len(_matching(scene, thing.shape, None)) == 1:
        ways.append((thing.shape, None))
    if thing.colour and len(_matching(scene, thing.shape, thing.colour)) == 1:
        ways += [(thing.shape, thing.colour)] * 2
    if thing.colour and len(_matching(scene, None, thing.colour)) == 1:
        ways.append((None, thing.colour))
    return _noun(rng, *pick(rng, ways), many=False) if ways else None


def colour_of(rng: np.random.Generator, scene: Scene) -> Question | None:
    for thing in rng.permutation(np.array(scene.things, dtype=object)) if scene.things else ():
        if thing.colour and len(_matching(scene, thing.shape, None)) == 1:
            return Question("colour", pick(rng, WHAT_COLOUR).format(_noun(rng, thing.shape, None, False)), thing.colour, _places([thing]), single=True)
        if thing.colour and all(t.colour == thing.colour for t in _matching(scene, thing.shape, None)):
            noun = _noun(rng, thing.shape, None, True)
            return Question("colour", pick(rng, ("What colour are the {}?", "What color are the {}?")).format(noun), thing.colour, _places(_matching(scene, thing.shape, None)), single=True)
    return None


def place_of(rng: np.random.Generator, scene: Scene) -> Question | None:
    """Left, right, above or below: only where one direction clearly wins."""
    if len(scene.things) < 2:
        return None
    for _ in range(8):
        i, j = rng.choice(len(scene.things), 2, replace=False)
        one, two = scene.things[i], scene.things[j]
        dx, dy = one.x - two.x, one.y - two.y
        if max(abs(dx), abs(dy)) < 0.13 or not (abs(dx) > 1.6 * abs(dy) or abs(dy) > 1.6 * abs(dx)):
            continue
        first, second = _unique(rng, scene, one), _unique(rng, scene, two)
        if first is None or second is None:
            continue
        side = ("left" if dx < 0 else "right") if abs(dx) > abs(dy) else ("above" if dy < 0 else "below")
        looks = dict(look_first=_places([one]), look_second=_places([two]), single=True, offset=(dx, dy))
        if rng.random() < 0.55:
            text = loose.where(rng, first, second, side) if rng.random() < LOOSER else pick(rng, WHERE).format(first, second)
            return Question("where", text, side, **looks)
        asked = side
        if rng.random() < 0.5:
            asked = {"left": "right", "right": "left", "above": "below", "below": "above"}[side]
        phrase = {"left": ("left of", "to the left of"), "right": ("right of", "to the right of"), "above": ("above",), "below": ("below", "under")}[asked]
        text = loose.beside(rng, first, second, asked) if rng.random() < LOOSER else f"Is the {first} {pick(rng, phrase)} the {second}?"
        return Question("is it left/right/above/below", text, "yes" if asked == side else "no", **looks)
    return None


def read(rng: np.random.Generator, scene: Scene) -> Question:
    if scene.text is None:
        return Question("read nothing", pick(rng, READ), "nothing", [])
    digits = scene.text.isdigit()
    wording = pick(rng, READ_NUMBER) if digits and rng.random() < 0.6 else pick(rng, READ)
    return Question("read number" if digits else "read word", wording, scene.text, spelled=[(x, y) for _, x, y in scene.characters])


def crossings(rng: np.random.Generator, scene: Scene) -> Question:
    found = scene.crossings or []
    wording = pick(rng, CROSSINGS)
    return Question("crossings", wording, str(len(found)), list(found))


def touch(rng: np.random.Generator, scene: Scene) -> Question:
    return Question("touch", pick(rng, TOUCH), "yes" if scene.touching else "no", [scene.contact] if scene.contact else None, single=scene.contact is not None)


def what_is(rng: np.random.Generator, scene: Scene) -> Question:
    answer = {"shapes": "shapes", "lines": "two lines", "circles": "two circles", "blank": "nothing"}.get(scene.kind) or ("a number" if scene.text.isdigit() else "a word")
    if scene.kind == "shapes" and not scene.things:
        answer = "nothing"
    return Question("what is shown", pick(rng, WHAT_IS), answer)


def out_of_reach(rng: np.random.Generator) -> Question:
    """A question that no scene answers: known nouns, made-up nouns, and tasks of other kinds."""
    roll = rng.random()
    if roll < 0.45:
        text = pick(rng, OUT_OF_REACH)
    else:
        noun = pick(rng, THINGS_UNKNOWN) if roll < 0.8 else "".join(pick(rng, LETTERS) for _ in range(int(rng.integers(3, 9)))) + "s"
        if rng.random() < 0.35:
            noun = pick(rng, (_any_colour(rng),) + ADJECTIVES) + " " + noun
        form = rng.random()
        one = noun[:-1] if noun.endswith("s") else noun
        other = pick(rng, THINGS_UNKNOWN)[:-1]
        looser = rng.random() < LOOSER  # so that an unusual wording alone never means that it can be told
        text = (loose.count(rng, noun) if looser and form < 0.6 else loose.where(rng, one, other) if looser and form >= 0.9
                else pick(rng, HOW_MANY).format(noun) if form < 0.6 else pick(rng, IS_THERE).format(_a(one)) if form < 0.8
                else pick(rng, WHAT_COLOUR).format(one) if form < 0.9 else pick(rng, WHERE).format(one, other))
    return Question("out of reach", text, CANNOT_TELL, [])


def vary(rng: np.random.Generator, text: str, brief: bool) -> str:
    """The small differences people type: case, a missing mark, a request to be short."""
    roll = rng.random()
    if roll < 0.12:
        text = text[0].lower() + text[1:]
    elif roll < 0.17:
        text = text.lower()
    if rng.random() < 0.08 and text[-1] in "?.!":
        text = text[:-1]
    elif brief and rng.random() < 0.16:
        text += pick(rng, BRIEFLY)
    if rng.random() < 0.03:
        text = pick(rng, ("Please look at the picture. ", "Look at the image. ", "Question: ")) + text
    return text


def ask(rng: np.random.Generator, scene: Scene, number: int = 9) -> list[Question]:
    """Some questions on one scene, their kinds and answers spread."""
    asked: list[Question | None] = []
    for i in range(number):
        roll = rng.random()
        if rng.random() < 0.07:
            asked.append(out_of_reach(rng))
        elif rng.random() < 0.03:
            asked.append(what_is(rng, scene))
        elif scene.kind == "shapes":
            if i == 0 or roll < 0.34:
                asked.append(count(rng, scene, *wanted(rng, scene, 0.85)))
            elif roll < 0.40:
                asked.append(count(rng, scene, None, None))
            elif roll < 0.53:
                asked.append(exists(rng, scene, *wanted(rng, scene, 0.5)))
            elif roll < 0.65:
                asked.append(colour_of(rng, scene))
            elif roll < 0.94:
                asked.append(place_of(rng, scene) or count(rng, scene, *wanted(rng, scene, 0.9)))
            elif roll < 0.96:
                asked.append(read(rng, scene))
            else:
                asked.append(crossings(rng, scene))
        elif scene.kind == "text":
            if i == 0 or roll < 0.25:
                asked.append(read(rng, scene))
            elif roll < 0.5:
                asked.append(count(rng, scene, pick(rng, SHAPES), None))
            elif i < 3:
                asked.append(exists(rng, scene, pick(rng, SHAPES), _any_colour(rng)))
        elif scene.kind == "lines":
            asked.append(crossings(rng, scene) if i == 0 or roll < 0.3 else count(rng, scene, pick(rng, SHAPES), None) if roll < 0.5 else read(rng, scene) if roll < 0.6 else None)
        elif scene.kind == "circles":
            shape = "circle" if rng.random() < 0.6 else pick(rng, SHAPES)
            asked.append(touch(rng, scene) if i == 0 or roll < 0.3 else count(rng, scene, shape, None) if roll < 0.7 else exists(rng, scene, shape, None) if roll < 0.8 else None)
        else:
            asked.append(count(rng, scene, pick(rng, SHAPES), _any_colour(rng) if rng.random() < 0.3 else None) if roll < 0.4 else exists(rng, scene, *wanted(rng, scene, 0)) if roll < 0.6
                         else read(rng, scene) if roll < 0.8 else what_is(rng, scene) if roll < 0.9 else crossings(rng, scene))
    seen: set[str] = set()
    result = []
    for question in asked:
        if question is None:
            continue
        question.text = vary(rng, question.text, question.task != "out of reach")
        if question.text not in seen:
            seen.add(question.text)
            result.append(question)
    return result


def different(rng: np.random.Generator, asked: list[Question]) -> list[Question]:
    """The first stays first; the others are varied and mixed, and none is asked twice."""
    seen, result = {asked[0].text}, asked[:1]
    for k in rng.permutation(len(asked) - 1):
        question = asked[1 + k]
        question.text = vary(rng, question.text, "Answer" not in question.text and question.task != "out of reach")
        if question.text not in seen:
            seen.add(question.text)
            result.append(question)
    return result


def without_picture(rng: np.random.Generator) -> Question:
    """Any of the questions, asked with no picture at all."""
    roll = rng.random()
    blank = Scene("blank", np.zeros((1, 1, 3), np.uint8))
    question = (count(rng, blank, pick(rng, SHAPES), _any_colour(rng) if rng.random() < 0.3 else None) if roll < 0.3 else exists(rng, blank, pick(rng, SHAPES), _any_colour(rng)) if roll < 0.4
                else read(rng, blank) if roll < 0.5 else touch(rng, blank) if roll < 0.55 else crossings(rng, blank) if roll < 0.6 else what_is(rng, blank) if roll < 0.65 else out_of_reach(rng))
    return Question("no picture", vary(rng, question.text, True), NO_PICTURE, [])


def system_text(rng: np.random.Generator) -> str | None:
    """None most of the time; otherwise one or two sentences that change nothing about the answer."""
    if rng.random() < 0.6:
        return None
    text = pick(rng, SYSTEM_TEXTS)
    return text if rng.random() < 0.7 else text + " " + pick(rng, SYSTEM_TEXTS)
