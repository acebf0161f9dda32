"""Wordings: the harness's own word for word, looser ones without its instruction, and BlindTest's published prompts."""

from __future__ import annotations

import re

import numpy as np

UNREADABLE = "unreadable"  # what the harness asks for where print cannot be read; scored as abstained

# The forms of the answer that the harness asks for, at the end of its questions (benchmarks/scenes/wording.ts).
INSTRUCTION = re.compile(
    r" (?:Answer with a single number\.|Answer yes or no\.|Answer with one of: .*\.|Answer with the name of the thing only\.|"
    r"Answer with the text only; if it cannot be read, say \"unreadable\"\.|Answer with two numbers: rows, columns\.)$")

# The two prompts of each sub-task, word for word, from "Vision language models are blind" (Rahmanzadehgervi et al. 2024, MIT).
PUBLISHED = {
    "crossings": ("Count the intersection points where the blue and red lines meet. Put your answer in curly brackets, e.g., {2}.",
                  "How many times do the blue and red lines touch each other? Answer with a number in curly brackets, e.g., {5}."),
    "touching-circles": ("Are the two circles touching each other? Answer with Yes/No.", "Are the two circles overlapping? Answer with Yes/No."),
    "nested-squares": ("Count total number of squares in the image. Answer with only the number in numerical format in curly brackets e.g. {3}.",
                       "How many squares are in the image? Please answer with a number in curly brackets e.g., {10}."),
    "grid-blank": ("Count the number of rows and columns and answer with numbers in curly brackets. For example, rows={5} columns={6}",
                   "How many rows and columns are in the table? Answer with only the numbers in a pair (row, column), e.g., (5,6)"),
    "overlapping-rings": ("How many circles are in the image? Answer with only the number in numerical format.",
                          "Count the circles in the image. Answer with a number in curly brackets e.g. {3}."),
    "overlapping-pentagons": ("How many pentagons are in the image? Answer with only the number in numerical format.",
                              "Count the pentagons in the image. Answer with a number in curly brackets e.g. {3}."),
}
PUBLISHED["grid-text"] = PUBLISHED["grid-blank"]

HOW_MANY = ("How many {} are there?", "How many {} are in the picture?", "How many {} are in the image?", "How many {} do you see?", "How many {} can you see?", "How many {}?",
            "Count the {}.", "Count the {} in this image.", "What is the number of {}?", "How many {} are shown?", "Number of {}?", "Please count the {}.",
            "Tell me how many {} there are.", "How many {} are visible?", "How many {} does this image contain?", "Can you count the {} in the picture?")
IS_THERE = ("Is there {} in the picture?", "Is there {}?", "Can you see {}?", "Do you see {}?", "Does the picture show {}?", "Is there {} in the image?",
            "Does the image contain {}?", "Is there {} in this photo?", "Does this image show {}?")
WHERE = ("Where is the {0} relative to the {1}?", "Is the {0} left of, right of, above or below the {1}?", "Where is the {0} compared with the {1}?",
         "On which side of the {1} is the {0}?", "Is the {0} to the left, to the right, above or below the {1}?", "Where does the {0} lie, seen from the {1}?")
CORNER = ("Which corner is the {} in?", "In which corner is the {}?", "Is the {} in the top left, top right, bottom left or bottom right?", "Where in the picture is the {}: top left, top right, bottom left or bottom right?")
READ = {"word": ("What does it say?", "What word is this?", "Read the text.", "Read the word.", "What is written here?", "What does the text say?", "Transcribe the text."),
        "string": ("What does it say?", "What characters are these?", "Read the code.", "Read the text.", "What is written here?", "Transcribe the text."),
        "number": ("What number is this?", "Read the number.", "What does it say?", "Which number is shown?", "What is written here?"),
        "sign": ("What does the sign say?", "Read the sign.", "What does it say?", "What is written here?"),
        "receipt-total": ("What is the total?", "How much is the total?", "What is the total amount?", "Read the total."),
        "paragraph": ("Read the text.", "Transcribe the text.", "What does it say?", "Copy the text.")}
NAME = ("What is this?", "What is in the picture?", "What is this a picture of?", "What is shown?", "What do you see?", "Name the thing in the picture.", "What object is this?", "What is in this image?")
CROSS = ("How many times do the lines cross?", "How often do the two lines cross?", "How many crossings are there?", "How many intersection points are there?", "Count the crossings.")
TOUCH = ("Do the circles touch or overlap?", "Do the two circles touch or overlap each other?", "Are the circles touching or overlapping?")
NESTED = ("How many squares are there?", "Count the squares.", "How many squares are in the picture?")
GRID = ("How many rows and columns are there?", "How many rows and columns does the table have?", "Count the rows and columns.", "What are the numbers of rows and columns of this grid?")
COLOUR = ("What colour is the {}?", "What color is the {}?", "Which colour is the {}?", "What is the color of the {}?", "What is the colour of the {} in the picture?")
BRIEFLY = (" Answer briefly.", " Just the answer.", " Be brief.", " Give only the answer.", " Reply with the answer only.")

THING = re.compile(r"^(?:How many (?P<many>.+) are in the picture\?|Is there (?P<one>.+) in the picture\?|Where is the (?P<first>.+) relative to the (?P<second>.+)\?|In which corner of the picture is the (?P<corner>.+)\?)$")


def pick(rng: np.random.Generator, options):
    return options[int(rng.integers(len(options)))]


def plain(question: str) -> str:
    """A harness question without its instruction."""
    return INSTRUCTION.sub("", question)


def loose(rng: np.random.Generator, questions: list[str], subtask: str) -> str:
    """The same question as people may put it."""
    first = plain(questions[0])
    found = THING.match(first)
    if found and found["many"] and subtask != "overlapping-rings":
        return pick(rng, HOW_MANY).format(found["many"])
    if found and found["one"]:
        return pick(rng, IS_THERE).format(found["one"])
    if found and found["first"]:
        return pick(rng, WHERE).format(found["first"], found["second"])
    if found and found["corner"]:
        return pick(rng, CORNER).format(found["corner"])
    if subtask == "choice" or subtask == "outermost":  # without the list there would be more than one good answer
        return pick(rng, questions)
    own = {"open": NAME, "crossings": CROSS, "touching-circles": TOUCH, "nested-squares": NESTED, "grid-blank": GRID, "grid-text": GRID, **READ}.get(subtask)
    return pick(rng, own) if own and rng.random() < 0.7 else plain(pick(rng, questions))


def vary(rng: np.random.Generator, text: str) -> str:
    """The small differences people type: case, a missing mark, a request to be short."""
    roll = rng.random()
    if '"' not in text:  # what is quoted stays as it is printed
        if roll < 0.12:
            text = text[0].lower() + text[1:]
        elif roll < 0.17:
            text = text.lower()
    if rng.random() < 0.08 and text[-1] in "?.!":
        return text[:-1]
    return text + pick(rng, BRIEFLY) if rng.random() < 0.12 else text


def published_answer(subtask: str, prompt: int, answer, tangent: bool = False) -> str:
    """The truth in the form that a published prompt asks for. `tangent`: the two circles touch and do not overlap."""
    if subtask == "touching-circles":
        return "Yes" if answer == "yes" or (tangent and prompt == 0) else "No"
    if subtask.startswith("grid-"):
        rows, columns = answer
        return f"rows={{{rows}}} columns={{{columns}}}" if prompt == 0 else f"({rows},{columns})"
    if subtask.startswith("overlapping-") and prompt == 0:
        return str(answer)
    return f"{{{answer}}}"
