"""The same questions in the many ways that people type them: put together from parts, so that no list of sentences is learnt by heart."""

from __future__ import annotations

import re

import numpy as np

LEADS = ("", "", "", "Please ", "Could you ", "Can you ", "I want you to ", "Have a look and ", "Now ", "Help me: ")
ASK = ("tell me", "say", "give me", "work out", "find out", "determine", "state", "report", "check", "let me know")
IN = ("", "", " in the picture", " in this picture", " in the image", " in this image", " here", " in the drawing", " in this drawing", " in the scene", " in this scene", " in front of you", " on the page", " in it")
DIRECT_IS = ("Is {} shown{}?", "Is {} visible{}?", "Is {} present{}?", "Does {} appear{}?", "Can {} be seen{}?", "Is there {} anywhere{}?", "Do you spot {}{}?", "Do you notice {}{}?", "Is {} among the things{}?", "Is {} to be seen{}?",
             "Has {} been drawn{}?", "Can you find {}{}?", "Is it true that there is {}{}?", "There is {}{}: yes or no?", "Do we have {}{}?")
WHETHER = ("whether there is {}", "if there is {}", "whether you see {}", "if {} is shown", "whether {} is present", "if you can see {}")
FORM_IS = ("", "", "", " Yes or no?", " Reply yes or no.", " Say yes or no.", " (yes/no)", " Just yes or no.", " One word.", " Respond with yes or no.")

# Counts and relations come from frames: {0} and {1} stand for the names, and each word between angles for one of its parts.
PARTS = {
    "in": IN,
    "picture": ("picture", "image", "drawing", "scene", "illustration", "figure", "photo", "frame"),
    "this": ("the", "this", "this"),
    "please": ("", "", "", "Please ", "Kindly ", "Could you ", "Can you ", "Would you ", "Could you please ", "I want you to ", "I'd like you to ", "Have a look and ", "Now ", "Help me: ", "Try to ", "You should "),
    "tell": (*ASK, "tell me", "tell", "write down", "figure out", "answer", "estimate", "read off", "see", "name", "explain to me"),
    "opening": ("",) * 12 + ("Quick question: ", "Question: ", "Tell me: ", "Say, ", "Hi! ", "So, ", "Now, ", "Take a look: ", "Look closely: ", "One question: ", "Q: ", "Be exact: ", "Hello, ", "For my notes: ",
                             "Looking at <this> <picture>, ", "Going by <this> <picture>, ", "Judging from <this> <picture>, ", "Given <this> <picture>, ", "Look at <this> <picture>. ", "Consider <this> <picture>: "),
    "need": ("I need", "I want", "I would like", "I'd like", "We need", "I am after", "I'm looking for", "Required:", "Wanted:", "Give me", "Let me have", "Provide", "Report", "Return", "Output", "State", "Write down", "Fetch me", "Show me", "Get me"),
    "number": ("number", "number", "count", "total", "total number", "exact number", "amount", "quantity", "tally", "overall count", "sum", "full count"),
    "seen": ("visible", "shown", "there", "present", "drawn", "depicted", "displayed", "on view", "to be seen", "to be found", "that you see", "that appear", "that are shown", "that are there"),
    "all": ("", "the ", "all the ", "all ", "every one of the ", "each of the ", "up the ", "up all the ", "just the ", "only the "),
    "mark": (":", " -", " —", ",", "?", ";", " ...", "."),
    "relative": ("relative to", "compared with", "compared to", "in comparison with", "with respect to", "in relation to", "in reference to", "as seen from", "seen from", "viewed from", "from", "with regard to", "measured from", "looking from", "against"),
    "relative-first": ("Relative to", "Compared with", "Compared to", "With respect to", "In relation to", "As seen from", "Seen from", "Viewed from", "From", "Looking from", "Starting at", "Starting from", "Standing at", "Measured from", "If you are at", "Taking your start at"),
    "lie": ("lie", "sit", "stand", "appear", "turn up", "rest"),
    "lies": ("lies", "sits", "stands", "is", "appears", "is found", "is located", "is placed", "is situated", "is positioned"),
    "placed": ("", "", " located", " placed", " found", " situated", " positioned", " drawn", " to be found", " shown"),
    "which": ("which", "which", "what"),
    "way": ("in <which> direction", "on <which> side", "which way", "where", "whereabouts", "to <which> side"),
    "position": ("position", "place", "location", "direction", "whereabouts", "side"),
}

MANY = ("how many {0} there are<in>", "how many {0} you see<in>", "how many {0} are <seen><in>", "how many {0} it has", "how many {0} appear<in>", "the <number> of {0}<in>", "the <number> of {0} <seen><in>", "how many {0} you can find<in>",
        "how many {0} <this> <picture> has", "how many {0} <this> <picture> shows", "how many {0} <this> <picture> holds", "what the <number> of {0} is<in>", "how many {0} one can count<in>", "<number> of {0}", "how many times you find {0}<in>")
# Each group is as likely as the others, however many frames it has: they differ in where the noun stands and what is asked of it.
COUNT_FRAMES = (
    ("<please><tell> <many>.", "<please><tell> <many>?", "<please><tell> <many>", "I wonder <many>.", "I need to know <many>.", "I would like to know <many>.", "Do you know <many>?", "Any idea <many>?", "Can you see <many>?", "My question is <many>."),
    ("<opening>How many {0} can be seen<in>?", "<opening>How many {0} appear<in>?", "<opening>How many {0} are there in total<in>?", "<opening>How many {0} in all<in>?", "<opening>How many {0} can you find<in>?", "<opening>How many {0} can you make out<in>?",
     "<opening>How many separate {0} are there<in>?", "<opening>How many {0} have been drawn<in>?", "<opening>How many of the things<in> are {0}?", "<opening>How many {0} do you count<in>?", "<opening>How many {0} are <seen><in>?", "<opening>How many {0} altogether<in>?",
     "<opening>How many {0} does <this> <picture> hold?", "<opening>How many {0} has <this> <picture> got?", "<opening>How many {0} would you say there are<in>?", "<opening>How many {0} did they draw<in>?", "<opening>How many different {0} do you find<in>?"),
    ("<opening>What is the <number> of {0}<in>?", "<opening>What's the <number> of {0}<in>?", "<opening>What is the <number> of {0} <seen><in>?", "<opening>What's the <number> of {0} <seen><in>?", "<opening>What number of {0} do you see<in>?", "<opening>What <number> of {0} is <seen><in>?",
     "<opening>How large is the <number> of {0}<in>?", "<opening>How high is the <number> of {0}<in>?", "<opening>How numerous are the {0}<in>?", "<opening>What do you get if you count the {0}<in>?", "<opening>Which number do you reach counting the {0}<in>?", "<opening>What does <this> <picture> have in {0}: how many?"),
    ("<please>count <all>{0}<in>.", "<please>count <all>{0} <seen><in>.", "<please>tally <all>{0}<in>.", "<please>total <all>{0}<in>.", "<please>add up the {0}<in>.", "<please>take a count of the {0}<in>.", "<please>do a count of the {0}<in>.", "<please>number the {0}<in>: how many?",
     "<please>go through the {0}<in> and count them.", "<please>find all the {0}<in> and count them.", "<please>look for {0} and count them.", "<please>count how many {0} <this> <picture> has.", "<please>make a tally of the {0}<in>.", "<please>sum up the {0}<in>.", "<please>count {0}<in>?"),
    ("In <this> <picture> there are how many {0}?", "In <this> <picture>, how many {0} are there?", "In <this> <picture>, how many {0} do you see?", "In <this> <picture> I can see how many {0}?", "<This> <picture> has how many {0}?", "<This> <picture> contains how many {0}?", "There are how many {0}<in>?",
     "You can see how many {0}<in>?", "We have how many {0}<in>?", "Of {0}, how many are there<in>?", "Of the things<in>, how many are {0}?", "Among everything<in>, how many are {0}?", "On the page, how many {0} are <seen>?", "If I count the {0}<in>, how many are there?", "Looking only at {0}, how many do you see?"),
    ("{0}<mark> how many?", "{0}<mark> how many are there<in>?", "{0}<mark> how many of them are <seen>?", "The {0}<in><mark> how many?", "The {0}<mark> how many do you see<in>?", "{0}<in><mark> what is their number?", "{0}<in><mark> count them.", "The {0}<in><mark> please count.", "I see some {0}<in>: how many?", "There are {0}<in>. How many?",
     "About the {0}<in>: how many are there?", "Regarding the {0}<in>, how many?", "Look at the {0}<in>. How many are there?", "Look at all the {0}. What is their number?", "See the {0}? How many are they?", "Concerning {0}: what's the <number>?", "Find the {0}<in>. How many did you find?"),
    ("<number> of {0} <seen>:", "<number> of {0}<in>:", "<number> of {0}?", "<number> of {0} <seen><in>?", "{0} count:", "{0} count<in>?", "{0}, total:", "{0}, <number>?", "# of {0}", "# {0}?", "No. of {0}:", "Total {0}:", "Total {0}<in>?", "How many: {0}", "{0} =", "{0} (<number>)", "Count: {0}", "Task: count {0}<in>", "Find: <number> of {0}", "{0} - quantity?"),
    ("<need> a count of the {0}<in>.", "<need> a count of {0}<in>.", "<need> the <number> of {0}<in>.", "<need> the <number> of {0} <seen><in>.", "<need> a number: how many {0}<in>?", "<need> a tally of the {0}<in>.", "<need> a total for {0}<in>.", "<need> the {0} count<in>."),
    ("There are ___ {0}<in>.", "<This> <picture> shows ___ {0}.", "<This> <picture> has ... {0}: fill in the number.", "Fill in the number: there are _ {0}<in>.", "Complete: the <number> of {0}<in> is", "The <number> of {0}<in> is?", "The <number> of {0}<in> equals", "The <number> of {0} <seen> is ...", "I count this many {0}<in>:", "The {0}<in> number ..."),
)
FORM_MANY = (" Use digits.", " One number.", " A number, please.", " Number only.", " Just a number.", " Just the number.", " Only the number.", " Digits only.", " Only a digit.", " Just the digit.", " The number only, please.", " Only the number, nothing else.", " Give a number.", " Write a number.", " (a number)", " (digits)", " No words, just the number.",
             *(f" {verb} {what}." for verb in ("Answer with", "Reply with", "Respond with", "Answer using", "Give me", "Output", "Write", "Return", "State", "Answer in the form of")
               for what in ("a digit", "one number", "a numeral", "the number", "only the number", "just the number", "a single digit", "an integer", "a number")),
             " Answer in digits.", " Reply in digits.", " Reply in one word.", " One word.", " Be brief.", " Keep it short.")

WHERE = ("where the {0} is <relative> the {1}", "where the {0} <lies> <relative> the {1}", "on <which> side of the {1} the {0} <lies>", "in <which> direction the {0} <lies> from the {1}", "whether the {0} is <options> the {1}", "the <position> of the {0} <relative> the {1}", "<way> the {0} <lies>, <relative> the {1}",
         "which of <listed> fits the {0} <relative> the {1}", "if the {0} is <options> the {1}")
WHERE_FRAMES = (
    ("<please><tell> <where>.", "<please><tell> <where>?", "<please><tell> <where>", "I wonder <where>.", "I need to know <where>.", "I would like to know <where>.", "Do you know <where>?", "<please>describe the <position> of the {0} <relative> the {1}.", "<need> the <position> of the {0} <relative> the {1}."),
    ("<opening>Where is the {0}<placed> <relative> the {1}?", "<opening>Where is the {0}<placed>, <relative> the {1}?", "<opening>Where does the {0} <lie> <relative> the {1}?", "<opening>Where has the {0} been put, <relative> the {1}?", "<opening>Where would you place the {0} <relative> the {1}?", "<opening>Where do I find the {0} if I look from the {1}?",
     "<opening>How is the {0}<placed> <relative> the {1}?", "<opening>How does the {0} lie to the {1}?", "<opening>What is the <position> of the {0} <relative> the {1}?", "<opening>What's the {0}'s <position> <relative> the {1}?", "<opening>Whereabouts is the {0} <relative> the {1}?"),
    ("<opening>Which side of the {1} is the {0} on?", "<opening>What side of the {1} is the {0} on?", "<opening>On <which> side of the {1} is the {0}<placed>?", "<opening>On <which> side of the {1} does the {0} <lie>?", "<opening>On <which> side of the {1} do you see the {0}?", "<opening>To <which> side of the {1} <lies> the {0}?", "<opening>The {0} is on <which> side of the {1}?",
     "<opening>In <which> direction from the {1} is the {0}<placed>?", "<opening>In <which> direction from the {1} does the {0} <lie>?", "<opening>Which way from the {1} is the {0}?", "<opening>Which direction is the {0} from the {1}?", "<opening>What direction is the {0} in <relative> the {1}?", "<opening>The {0} <lies> in <which> direction from the {1}?"),
    # The second thing is named first: what is asked for lies as seen from it.
    ("<relative-first> the {1}, <way> is the {0}<placed>?", "<relative-first> the {1}, <way> does the {0} <lie>?", "<relative-first> the {1}, <way> do you find the {0}?", "<relative-first> the {1}, where do I look for the {0}?", "<relative-first> the {1}, is the {0} <sides>?", "<relative-first> the {1}, what is the <position> of the {0}?",
     "<relative-first> the {1}, the {0} is where?", "<relative-first> the {1}, the {0} is <which> way?", "Going from the {1} to the {0}, which way do you move?", "To get from the {1} to the {0}, which way do I go?", "From the {1} to the {0}: <which> direction?", "Start at the {1}. Which way is the {0}?", "Look at the {1}. Where is the {0} from there?", "Find the {1}. On <which> side of it is the {0}?",
     "There is the {1}. <Way> is the {0} from it?", "Take the {1}: <way> is the {0} from it?", "If the {1} is the centre, where is the {0}?"),
    ("<relative-first> the {1}, the {0} <lies> to the", "<relative-first> the {1}, the {0} <lies> ...", "<relative-first> the {1}, the {0} <lies> ___.", "The {0} <lies> ___ the {1}.", "<relative> the {1}, the {0} is:", "Complete: <relative-first> the {1}, the {0} <lies>", "Fill in: the {0} is ... the {1}.", "The {0} <lies> where, <relative> the {1}?", "The {0} is where <relative> the {1}?",
     "<position> of the {0} <relative> the {1}:", "<position> of the {0} <relative> the {1}?", "Direction from the {1} to the {0}:", "{0} <relative> {1}:", "{0} <relative> {1}?", "{0}, <relative> the {1}: where?", "Task: <position> of {0} <relative> {1}"),
    ("<opening>Is the {0} <options> the {1}?", "<opening>Is the {0}<placed> <options> the {1}?", "<opening>Does the {0} <lie> <options> the {1}?", "<opening>Would you say the {0} is <options> the {1}?", "<Sides>: where is the {0} <relative> the {1}?", "<Sides>: <way> is the {0}, <relative> the {1}?", "<Listed>: which is true of the {0} <relative> the {1}?", "Which word fits, <sides>, for the {0} <relative> the {1}?",
     "Choose <sides>: the {0} <relative> the {1}.", "Pick one of <listed>: where is the {0} <relative> the {1}?", "<please>choose: is the {0} <options> the {1}?", "<relative-first> the {1}, <sides>: where is the {0}?"),
    ("The {0} and the {1}: where is the first <relative> the second?", "The {1} and the {0}: where is the second, <relative> the first?", "Compare the {0} with the {1}. Where is the first one?", "Compare the {0} to the {1}: on <which> side is the first?", "The {0}<mark> where is it <relative> the {1}?", "The {0}<mark> on <which> side of the {1} is it?", "The {0}<mark> <way> does it <lie>, <relative> the {1}?", "Look at the {0}. Where is it <relative> the {1}?",
     "Find the {0}. On <which> side of the {1} is it?", "See the {0}? <Way> is it, <relative> the {1}?", "I see the {0}. Where is it <relative> the {1}?", "About the {0}: where is it <relative> the {1}?", "There are the {0} and the {1}. <Way> is the {0} from the {1}?", "I am looking for the {0}; I know the {1}. Which way?"),
)
# Of one pair of sides, asked only where one of them is right: {2} is the one that is named first.
PAIR_FRAMES = ("<opening>Is the {0} {2} or {3} the {1}?", "<opening>Does the {0} <lie> {2} or {3} the {1}?", "<opening>Is the {0} {2} the {1} or {3} it?", "<opening>Is the {0}<placed> {2} or {3} the {1}?", "<opening>{2} or {3} the {1}: where is the {0}?", "<relative-first> the {1}, is the {0} {4} or {5}?", "<relative-first> the {1}, does the {0} <lie> {4} or {5}?",
               "<opening>Would you say the {0} is {2} or {3} the {1}?", "<opening>What is the {0}, {2} or {3} the {1}?", "<please><tell> whether the {0} is {2} or {3} the {1}.", "<please><tell> if the {0} <lies> {2} or {3} the {1}.", "The {0}<mark> {2} or {3} the {1}?", "The {0} <lies> {2} the {1}, or {5}?", "<please>decide: {0} {2} or {3} {1}?", "<relative-first> the {1}, which is it for the {0}: {4} or {5}?")
FORM_WHERE = (" One word.", " One word, please.", " Single word.", " Just one word.", " Reply in one word.", " Answer in one word.", " Respond with one word.", " Answer in a single word.", " One-word answer.", " Be brief.", " Just the direction.", " Only the side.",
              " <Sides>?", " <Sides>.", " Say <sides>.", " Choose from <listed>.", " (<listed>)", " Options: <listed>.", " Reply with <sides>.", " Answer <sides>.", " Answer with <sides>.", " Respond with one of <listed>.", " Pick one: <listed>.", " Use one of the words <listed>.", " Is it <sides>?", " One of: <listed>.")
ROOM = 14  # words of a question that may still be followed by a request for a form: rows of a batch are short
SIDES = ("left", "right", "above", "below")
SIDE_OF = {"left": ("to the left of", "to the left of", "left of", "on the left of", "on the left side of", "on the left-hand side of", "at the left of", "further left than", "further to the left than"),
           "right": ("to the right of", "to the right of", "right of", "on the right of", "on the right side of", "on the right-hand side of", "at the right of", "further right than", "further to the right than"),
           "above": ("above", "above", "over", "higher than", "higher up than", "further up than", "somewhere above"), "below": ("below", "below", "under", "beneath", "underneath", "lower than", "lower down than", "further down than", "somewhere below")}
SIDE_AT = {"left": ("to the left", "on the left", "on the left side", "further left"), "right": ("to the right", "on the right", "on the right side", "further right"), "above": ("above", "above it", "higher up", "further up"), "below": ("below", "below it", "lower down", "further down", "underneath")}
# Frames of yes and no: {2} is the side with "of", {3} without.
SIDE_FRAMES = (
    ("<opening>Is the {0}<placed> {2} the {1}?", "<opening>Is the {0} {2} the {1}<in>?", "<opening>Does the {0} <lie> {2} the {1}?", "<opening>Does the {0} <lie> {2} the {1}<in>?", "<opening>Do you see the {0} {2} the {1}?", "<opening>Do you find the {0} {2} the {1}?", "<opening>Can the {0} be seen {2} the {1}?", "<opening>Has the {0} been put {2} the {1}?",
     "<opening>Would you say the {0} is {2} the {1}?", "<opening>Is it true that the {0} is {2} the {1}?", "<opening>Is it correct that the {0} <lies> {2} the {1}?", "<opening>Is it the case that the {0} is {2} the {1}?", "<opening>Do we have the {0} {2} the {1}?", "<opening>Could one say the {0} <lies> {2} the {1}?"),
    ("<please><tell> whether the {0} is {2} the {1}.", "<please><tell> if the {0} <lies> {2} the {1}.", "<please>check whether the {0} <lies> {2} the {1}.", "<please>verify: the {0} is {2} the {1}.", "<please>decide if the {0} is {2} the {1}.", "I need to know if the {0} is {2} the {1}.", "I wonder whether the {0} is {2} the {1}.", "Do you agree that the {0} is {2} the {1}?"),
    ("The {0} <lies> {2} the {1}: yes or no?", "The {0} is {2} the {1}, yes or no?", "The {0} <lies> {2} the {1}, doesn't it?", "The {0} is {2} the {1}, isn't it?", "The {0} <lies> {2} the {1}. Is that so?", "The {0} <lies> {2} the {1}, correct?", "Yes or no: the {0} <lies> {2} the {1}.", "Yes or no: is the {0} {2} the {1}?", "Claim: the {0} <lies> {2} the {1}. Does it hold?", "Someone says the {0} is {2} the {1}. Do you agree?", "{0} {2} {1}?", "{0} {2} {1}: yes or no?"),
    ("<relative-first> the {1}, is the {0} {3}?", "<relative-first> the {1}, does the {0} <lie> {3}?", "<relative-first> the {1}, do you see the {0} {3}?", "{2} the {1}: is that where the {0} is?", "{2} the {1}, do you see the {0}?", "{2} the {1}, is there the {0}?", "Look at the {1}. Is the {0} {3}?", "The {1}<mark> is the {0} {3}?", "The {0}<mark> is it {2} the {1}?", "The {0}<mark> does it <lie> {2} the {1}?", "Find the {0}. Is it {2} the {1}?"),
)
FORM_SIDE = tuple(form for form in FORM_IS if form) + (" Answer yes or no.", " Answer with yes or no.", " Yes/no.", " Only yes or no.", " Reply with one word.", " Answer in one word.", " Yes or no, please.", " Reply in one word: yes or no.", " Be brief.")

PART = re.compile(r"<([A-Za-z-]+)>")
GAP = re.compile(r"(?<=[^{}\s]) (?=[^{}\s])")  # spaces away from the names, which must stay as phrases.py knows them


def pick(rng: np.random.Generator, options):
    return options[int(rng.integers(len(options)))]


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _told(rng: np.random.Generator, what: str) -> str:
    return _sentence(f"{pick(rng, LEADS)}{pick(rng, ASK)} {what}{pick(rng, IN)}{pick(rng, ('.', '.', '', '?'))}")


def _listed(rng: np.random.Generator, last: str, words=SIDES) -> str:
    """The four sides, pair by pair in any order."""
    pairs = [[words[2 * k + j] for j in rng.permutation(2)] for k in rng.permutation(2)]
    first = pairs[0] + pairs[1]
    return f"{', '.join(first[:3])}{last}{first[3]}"


def _part(rng: np.random.Generator, name: str) -> str:
    if name == "sides":
        return _listed(rng, pick(rng, (" or ", ", or ")))
    if name == "listed":
        return pick(rng, (_listed(rng, ", "), _listed(rng, ", ").replace(", ", "/"), _listed(rng, " and ")))
    if name == "options":
        return _listed(rng, " or ", pick(rng, (("left of", "right of", "above", "below"), ("to the left of", "to the right of", "above", "below"))))
    return pick(rng, {"many": MANY, "where": WHERE}.get(name) or PARTS[name])


def _filled(rng: np.random.Generator, frame: str) -> str:
    """A frame with all its parts chosen; parts may hold parts."""
    while match := PART.search(frame):
        part = _part(rng, match[1].lower())
        # What an opening leads to goes on in small letters.
        frame = frame[:match.start()] + (_sentence(part) if match[1][0].isupper() else part) + frame[match.end():]
    return frame


def _opened(frame: str, rng: np.random.Generator) -> str:
    """The chosen opening before the frame, which goes on in small letters behind a comma or a colon."""
    rest = frame.removeprefix("<opening>")
    opening = _filled(rng, "<opening>") if rest != frame else ""
    small = opening and opening.rstrip()[-1] in ",:" and not rest.startswith("I ")
    return opening + (rest[0].lower() + rest[1:] if small else rest)


def _untidy(rng: np.random.Generator, frame: str) -> str:
    """A space too many or one that is missing, never within or beside a name."""
    roll, gaps = rng.random(), [m.start() for m in GAP.finditer(frame)]
    if roll < 0.3 and frame[-1] in "?.!:":
        return f"{frame[:-1]} {frame[-1]}"
    if roll < 0.55:
        return re.sub(r"(?<=[.,:?;]) (?=\w)", "", frame)
    if not gaps:
        return frame + " "
    at = pick(rng, gaps)
    return frame[:at] + ("  " if roll < 0.85 else "") + frame[at + 1:]


def _typed(rng: np.random.Generator, frame: str, names: tuple[str, ...], forms: tuple[str, ...], share: float) -> str:
    """A frame as someone types it: with a request for a form or without, with small slips, in small letters."""
    frame = _filled(rng, _opened(frame, rng))
    if len(frame.split()) <= ROOM and rng.random() < share:
        frame += _filled(rng, pick(rng, forms))
    elif rng.random() < 0.2:
        frame = frame.rstrip("?.") or frame
    if rng.random() < 0.1:
        frame = _untidy(rng, frame)
    text = _sentence(frame.format(*names))
    return text.lower() if rng.random() < 0.12 else text


def count(rng: np.random.Generator, noun: str) -> str:
    return _typed(rng, pick(rng, pick(rng, COUNT_FRAMES)), (noun,), FORM_MANY, 0.35)


def exists(rng: np.random.Generator, thing: str) -> str:
    text = pick(rng, DIRECT_IS).format(thing, pick(rng, IN)) if rng.random() < 0.6 else _told(rng, pick(rng, WHETHER).format(thing))
    return _sentence(text) + pick(rng, FORM_IS)


def where(rng: np.random.Generator, first: str, second: str, side: str | None = None) -> str:
    """Where the first thing is, seen from the second. With the true side given, it may be asked for as one of two."""
    if side is None or rng.random() < 0.8:
        return _typed(rng, pick(rng, pick(rng, WHERE_FRAMES)), (first, second), FORM_WHERE, 0.4)
    pair = [(SIDES[:2] if side in SIDES[:2] else SIDES[2:])[k] for k in rng.permutation(2)]
    plain = {"left": "left of", "right": "right of"} if rng.random() < 0.4 else {"left": "to the left of", "right": "to the right of"}
    at = {"left": "to the left", "right": "to the right"} if rng.random() < 0.5 else {"left": "left", "right": "right"}
    names = (first, second, *(plain.get(word, word) for word in pair), *(at.get(word, word) for word in pair))
    return _typed(rng, pick(rng, PAIR_FRAMES), names, FORM_WHERE[:12], 0.25)


def beside(rng: np.random.Generator, first: str, second: str, side: str) -> str:
    """Whether the first thing is on this side of the second."""
    return _typed(rng, pick(rng, pick(rng, SIDE_FRAMES)), (first, second, pick(rng, SIDE_OF[side]), pick(rng, SIDE_AT[side])), FORM_SIDE, 0.35)
