"""Words, numbers and typefaces for the scenes that are to be read."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import ImageFont

FONT_FOLDER = Path(__file__).parent / "state" / "fonts"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
CHARACTERS = LETTERS + LETTERS.upper() + DIGITS

WORDS = (
    "a able about add after again air all also an and any apple arm art ask at baby back bag ball bank base be bear bed best "
    "big bird black blue boat body book both box boy bread bus but buy by cake call can car card care cat center chair city "
    "class clean clear close cloud coat code coffee cold color cook cool corn cost cup cut dark data date day deep desk dog "
    "door down draw drink drive dry duck ear early east easy eat egg end enter even exit eye face fact fall farm fast father "
    "feet field file fine fire first fish five floor fly food foot for four free fresh friend frog from front fruit full "
    "game garden gas gift girl give glass go goat gold good grass gray great green ground group grow hair half hand happy "
    "hat have he head hear heart heat help here high hill hold home hope horse hot hotel hour house how ice idea in inch "
    "into iron is island it item jazz job join juice jump just keep key kind king kitchen kite lake lamp land large last "
    "late lead leaf left leg lemon letter level life light line lion list live long look lost love low lunch made mail "
    "main make man map mark milk mind mix money moon more most mouse move much music my name near neck new next nice night "
    "nine no nose not note now number ocean off office oil old on one onion open or orange order out over page paint paper "
    "park part pass pay peace pen people phone photo piano pig pink place plan plane plant play point pool post price push "
    "put queen quick quiet quiz rain read red rest rice right ring river road rock roof room rose round run sad safe sail "
    "sale salt same sand save school sea seat see seed sell send seven shape sheep ship shirt shoe shop short show side "
    "sign silver sing six size sky sleep slow small smile snow soap sock soft song soon sound soup south space spoon spring "
    "star start stay step stone stop store storm street sugar summer sun sweet swim table tall tax tea team ten tent test "
    "text thank that the this three ticket tiger time to today tomato too tool top town toy train tree true truck turn two "
    "under up use valley very view village voice wait walk wall want warm wash watch water wave way we week well west wet "
    "what wheel when white who why wide wild win wind window wine winter wolf woman wood word work world write year yellow "
    "yes you young zebra zero zone zoo"
).split()


def random_text(rng: np.random.Generator, ease: float = 0.0) -> str:
    """A common word, a string of random letters, or a number of one to five digits."""
    roll = rng.random()
    longest = 4 if ease > 0.3 else 7
    if roll < 0.38:
        return "".join(DIGITS[i] for i in rng.integers(0, 10, int(rng.integers(1, min(longest, 5) + 1))))
    if roll < 0.66:
        text = WORDS[int(rng.integers(len(WORDS)))]
        while len(text) > longest:
            text = WORDS[int(rng.integers(len(WORDS)))]
    else:
        text = "".join(LETTERS[i] for i in rng.integers(0, 26, int(rng.integers(1 if ease > 0.3 else 2, longest + 1))))
    case = rng.random()
    return text if case < 0.45 else text.upper() if case < 0.8 else text.title()


@lru_cache(maxsize=1)
def typefaces() -> tuple[str, ...]:
    """Paths of the typefaces at hand, sorted so that a seed means the same picture everywhere."""
    found = sorted(str(path) for path in FONT_FOLDER.glob("*.ttf"))
    found += [p for p in ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
                          "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf") if Path(p).exists()]
    return tuple(found)


@lru_cache(maxsize=4096)
def _load(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size) if path else ImageFont.load_default(size)


def font_for(rng: np.random.Generator, text: str, wanted: float, width: float) -> ImageFont.FreeTypeFont:
    """A typeface at about the wanted pixel size, smaller where the text would not fit the width."""
    faces = typefaces()
    path = faces[int(rng.integers(len(faces)))] if faces else ""
    font = _load(path, max(6, round(wanted)))
    left, _, right, _ = font.getbbox(text)
    if right - left > width:
        font = _load(path, max(6, int(wanted * width / (right - left))))
    return font
