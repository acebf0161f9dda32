"""The same questions in the many ways that people type them: put together from parts, so that no list of sentences is learnt by heart."""

from __future__ import annotations

import numpy as np

LEADS = ("", "", "", "Please ", "Could you ", "Can you ", "I want you to ", "Have a look and ", "Now ", "Help me: ")
ASK = ("tell me", "say", "give me", "work out", "find out", "determine", "state", "report", "check", "let me know")
IN = ("", "", " in the picture", " in this picture", " in the image", " in this image", " here", " in the drawing", " in this drawing", " in the scene", " in this scene", " in front of you", " on the page", " in it")
MANY = ("how many {} there are", "how many {} you see", "how many {} are visible", "how many {} it has", "how many {} appear", "the number of {}", "the count of {}", "the total number of {}", "how many {} you can find", "how many {} are drawn")
DIRECT_MANY = ("How many {} can be seen{}?", "How many {} appear{}?", "How many {} are there in total{}?", "What number of {} do you see{}?", "How many {} in all{}?", "How many {} can you find{}?", "{} count{}?", "How many separate {} are there{}?",
               "How many {} have been drawn{}?", "I see some {}{}: how many?", "Count all {}{}.", "Count up the {}{}.", "Give the number of {}{}.", "The number of {}{} is?", "How many of the things{} are {}?")
FORM_MANY = ("", "", "", " Use digits.", " One number.", " A number, please.", " Reply with a numeral.", " Number only.", " Just a number.", " Respond with a number.", " Answer in digits.")
DIRECT_IS = ("Is {} shown{}?", "Is {} visible{}?", "Is {} present{}?", "Does {} appear{}?", "Can {} be seen{}?", "Is there {} anywhere{}?", "Do you spot {}{}?", "Do you notice {}{}?", "Is {} among the things{}?", "Is {} to be seen{}?",
             "Has {} been drawn{}?", "Can you find {}{}?", "Is it true that there is {}{}?", "There is {}{}: yes or no?", "Do we have {}{}?")
WHETHER = ("whether there is {}", "if there is {}", "whether you see {}", "if {} is shown", "whether {} is present", "if you can see {}")
FORM_IS = ("", "", "", " Yes or no?", " Reply yes or no.", " Say yes or no.", " (yes/no)", " Just yes or no.", " One word.", " Respond with yes or no.")
DIRECT_WHERE = ("Where do I find the {0} if I look from the {1}?", "Compared with the {1}, where is the {0}?", "Where does the {0} lie relative to the {1}?", "How does the {0} lie to the {1}?", "In what direction from the {1} is the {0}?",
                "Which way from the {1} is the {0}?", "Where is the {0}, with respect to the {1}?", "What is the position of the {0} relative to the {1}?", "Is the {0} above, below, left of or right of the {1}?", "From the {1}, where is the {0}?",
                "Starting at the {1}, in which direction is the {0}?", "The {0} is where, relative to the {1}?", "Where has the {0} been put, relative to the {1}?")
WHERE = ("where the {0} is relative to the {1}", "on which side of the {1} the {0} is", "in which direction the {0} lies from the {1}", "whether the {0} is left of, right of, above or below the {1}")
FORM_WHERE = ("", "", "", " Left, right, above or below?", " Say left, right, above or below.", " Choose from left, right, above, below.", " (left/right/above/below)", " Options: left, right, above, below.")


def pick(rng: np.random.Generator, options):
    return options[int(rng.integers(len(options)))]


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _told(rng: np.random.Generator, what: str) -> str:
    return _sentence(f"{pick(rng, LEADS)}{pick(rng, ASK)} {what}{pick(rng, IN)}{pick(rng, ('.', '.', '', '?'))}")


def count(rng: np.random.Generator, noun: str) -> str:
    text = pick(rng, DIRECT_MANY).format(noun, pick(rng, IN)) if rng.random() < 0.55 else _told(rng, pick(rng, MANY).format(noun))
    return _sentence(text) + pick(rng, FORM_MANY)


def exists(rng: np.random.Generator, thing: str) -> str:
    text = pick(rng, DIRECT_IS).format(thing, pick(rng, IN)) if rng.random() < 0.6 else _told(rng, pick(rng, WHETHER).format(thing))
    return _sentence(text) + pick(rng, FORM_IS)


def where(rng: np.random.Generator, first: str, second: str) -> str:
    text = pick(rng, DIRECT_WHERE).format(first, second) if rng.random() < 0.6 else _told(rng, pick(rng, WHERE).format(first, second))
    return text + pick(rng, FORM_WHERE)
