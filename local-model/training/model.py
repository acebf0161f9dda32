"""The local model: a hybrid ViT over frozen picture stages, a two-layer projector, and a Llama-style decoder.

Shapes: B pictures, N visual tokens, T sequence tokens, W decoder width. The decoder is causal also over the visual
tokens (the ViT has mixed them in both directions already), so any ordinary Llama runtime computes the same.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lettering import CHARACTERS
from names import DRAWING, Names
from pretrained import DEEP_CHANNELS, TAP_CHANNELS, FrozenStages
from printed.net import MOST
from printed.tokens import PrintTokens
from scenes import COLOURS, SHAPES
from spelled import Spelled
from things.net import MOST as MOST_THINGS
from things.tokens import ThingTokens
from vocabulary import NEW_SHAPES, OBJECTS

# What the dense loss names in each 8 px square: what has its centre there, its colour, and the character there.
# "crossing" and "contact" are where two lines cross and where two circles (nearly) meet; "corner" is the top left one of a square.
DENSE_SHAPES = ("nothing", *SHAPES, "crossing", "contact", *NEW_SHAPES, "corner", "row", "column", "tip", "top", *(f"object:{name}" for name in OBJECTS))
DENSE_COLOURS = ("nothing", *COLOURS)
FIRST_OBJECT = len(DENSE_SHAPES) - len(OBJECTS)
SHARP = [name == "corner" for name in DENSE_SHAPES]  # found per 4 px: corners of squares in squares stand that close
MARKS = [name in ("crossing", "corner", "row", "column", "tip", "top") for name in DENSE_SHAPES]
COLOURLESS = [name not in (*SHAPES, *NEW_SHAPES) for name in DENSE_SHAPES]  # nobody asks for these by their colour
DENSE_CHARACTERS = ("nothing", *CHARACTERS, *".-%$:/,")
DENSE_SIZES = (len(DENSE_SHAPES), len(DENSE_COLOURS), len(DENSE_CHARACTERS))
DENSE_SPLIT = 2  # squares per side of one visual token's cell


@dataclass(frozen=True)
class Config:
    """Sizes. Everything else about the model follows from these; they travel in every checkpoint."""

    image_size: int = 128  # of pictures without a wish; the tower takes any multiple of 16
    fine_size: int = 0  # what `detail: high` takes, a multiple of image_size: print is read there; 0: there is one size only
    things: bool = False  # whether things are found in the fine picture too (things/)
    place_grid: int = 8  # side of the table of places, stretched over whatever grid a picture has
    patch_size: int = 16
    vision_width: int = 128
    vision_layers: int = 4
    width: int = 128
    layers: int = 4
    head_size: int = 32
    feed_forward: int = 344
    vocabulary: int = 1024
    deep: bool = False  # the tower also sees the last frozen stages, which know what things are
    name_tokens: int = 0  # of each of the two names behind the grid (names.py); 0: there are none
    positions: int = 2048
    rope_theta: float = 10000.0
    norm_epsilon: float = 1e-5
    grounding_layer: int = -1  # the decoder layer whose first head is taught to look at each thing where it is named; -1: none
    pointing_layer: int = 2  # the decoder layer whose first two heads are taught where to look for the answer

    @property
    def grid(self) -> int:
        return self.image_size // self.patch_size

    @property
    def said_tokens(self) -> int:
        """Visual tokens behind those of the grid: the kind of picture and two names."""
        return 1 + 2 * self.name_tokens if self.name_tokens else 0

    @property
    def visual_tokens(self) -> int:
        return self.grid**2 + self.said_tokens

    @property
    def print_tokens(self) -> int:
        """Visual tokens behind all others where the fine picture is seen."""
        return MOST if self.fine_size else 0

    @property
    def thing_tokens(self) -> int:
        """And behind those, of the things that are found there."""
        return MOST_THINGS if self.things else 0

    @property
    def fine_tokens(self) -> int:
        return self.print_tokens + self.thing_tokens

    @property
    def heads(self) -> int:
        return self.width // self.head_size

    def as_dict(self) -> dict:
        return asdict(self)

    @classmethod
    def of(cls, saved: dict) -> "Config":
        """The sizes in a checkpoint; what a later version no longer knows is left out."""
        return cls(**{f.name: saved[f.name] for f in fields(cls) if f.name in saved})


def rotary(positions: Tensor, head_size: int, theta: float) -> tuple[Tensor, Tensor]:
    """cos and sin for positions [B, T] -> [B, 1, T, head_size], in the half-split order Llama uses."""
    frequency = theta ** (-torch.arange(0, head_size, 2, dtype=torch.float32, device=positions.device) / head_size)
    angle = positions[:, None, :, None].float() * frequency
    angle = torch.cat((angle, angle), -1)
    return angle.cos(), angle.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    half = x.shape[-1] // 2
    return x * cos + torch.cat((-x[..., half:], x[..., :half]), -1) * sin


class Norm(nn.RMSNorm):
    """RMS norm; written out in an export, since the ONNX exporter lacks it."""

    def forward(self, x: Tensor) -> Tensor:
        if torch.onnx.is_in_onnx_export():
            return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps) * self.weight
        return super().forward(x)


class Attention(nn.Module):
    def __init__(self, width: int, head_size: int):
        super().__init__()
        self.head_size = head_size
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)
        self.output = nn.Linear(width, width, bias=False)

    def split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (-1, self.head_size)).transpose(1, 2)

    def project(self, x: Tensor, turn: tuple[Tensor, Tensor] | None) -> tuple[Tensor, Tensor, Tensor]:
        query, key, value = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        if turn is not None:
            query, key = rotate(query, *turn), rotate(key, *turn)
        return query, key, value

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor] | None = None, mask: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Mixed values, and the queries and keys (for the pointing loss)."""
        query, key, value = self.project(x, turn)
        query, key = query.to(value.dtype), key.to(value.dtype)
        # Written out, because torch's fused attention spends a third of a training step in its backward pass on a CPU.
        scores = query @ key.transpose(-2, -1) * self.head_size**-0.5
        weights = (scores if mask is None else scores + mask.to(scores.dtype)).softmax(-1, dtype=torch.float32).to(value.dtype)
        mixed = weights @ value
        return self.output(mixed.transpose(1, 2).flatten(2)), query, key


class FeedForward(nn.Module):
    """SwiGLU."""

    def __init__(self, width: int, inner: int):
        super().__init__()
        self.gate = nn.Linear(width, inner, bias=False)
        self.up = nn.Linear(width, inner, bias=False)
        self.down = nn.Linear(inner, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.silu(self.gate(x)) * self.up(x))


class Block(nn.Module):
    def __init__(self, width: int, head_size: int, inner: int, epsilon: float):
        super().__init__()
        self.attention_norm = Norm(width, epsilon)
        self.attention = Attention(width, head_size)
        self.feed_forward_norm = Norm(width, epsilon)
        self.feed_forward = FeedForward(width, inner)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor] | None = None, mask: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        mixed, query, key = self.attention(self.attention_norm(x), turn, mask)
        x = x + mixed
        return x + self.feed_forward(self.feed_forward_norm(x)), query, key


def fold(x: Tensor, factor: int) -> Tensor:
    """A finer map [B, C, h, w] gathered on a coarser grid: [B, C * factor**2, h / factor, w / factor]."""
    return x if factor == 1 else F.pixel_unshuffle(x, factor)


class VisionTower(nn.Module):
    """Normalised pixels [B, 3, h, w] -> visual tokens [B, N, vision_width], and the last frozen map."""

    def __init__(self, config: Config):
        super().__init__()
        self.frozen = FrozenStages(config.deep)
        widths, layers, inputs = (24, 48, 96, 128), [], 3
        for outputs in widths:  # four steps of stride 2: the stride-16 grid
            layers += [nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
            inputs = outputs
        self.stem = nn.Sequential(*layers)
        self.factors = (4, 2, 1)  # strides 4, 8 and 16 onto stride 16
        joined = inputs + sum(c * f * f for c, f in zip(TAP_CHANNELS, self.factors)) + (DEEP_CHANNELS if config.deep else 0)
        self.join_norm = nn.BatchNorm2d(joined)
        self.join = nn.Conv2d(joined, config.vision_width, 1)
        self.place = nn.Parameter(torch.randn(1, config.place_grid**2, config.vision_width) * 0.05)
        self.blocks = nn.ModuleList(Block(config.vision_width, config.head_size, config.feed_forward, config.norm_epsilon) for _ in range(config.vision_layers))
        self.norm = Norm(config.vision_width, config.norm_epsilon)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            frozen = self.frozen(pixels)
            maps = [fold(m, f) for m, f in zip(frozen, self.factors)]
            maps += [F.interpolate(m, size=maps[-1].shape[-2:], mode="bilinear", align_corners=False) for m in frozen[len(maps):]]
        x = self.join(self.join_norm(torch.cat([self.stem(pixels), *maps], 1)))
        grid = x.shape[-2:]
        x = x.flatten(2).transpose(1, 2) + stretch(self.place, grid)
        for block in self.blocks:
            x, _, _ = block(x)
        return self.norm(x), frozen[-1]


def fine(pixels: Tensor, size: int) -> Tensor:
    """Whether pixels hold more than the tower looks at, as a tensor that an exported graph computes."""
    return torch.as_tensor(pixels.shape[-1]) >= 2 * size


def stretch(table: Tensor, grid: torch.Size) -> Tensor:
    """A table over a square grid [1, n * n, C], stretched over another grid: the same places in a finer picture."""
    side = int(table.shape[1] ** 0.5)
    if not torch.onnx.is_in_onnx_export() and tuple(grid) == (side, side):
        return table
    map_ = table.transpose(1, 2).unflatten(2, (side, side))
    return F.interpolate(map_, size=(grid[0], grid[1]), mode="bilinear", align_corners=False).flatten(2).transpose(1, 2)


class Ocelli(nn.Module):
    """The whole model in its training form; export.py wraps its parts in their deployment form."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.vision = VisionTower(config)
        self.projector = nn.Sequential(nn.Linear(config.vision_width, config.width * 2), nn.GELU(), nn.Linear(config.width * 2, config.width))
        # A second table of places behind the projector: values in the decoder carry no position, and the projector may drop it.
        self.spot = nn.Parameter(torch.zeros(1, config.place_grid**2, config.width))
        # Only asked in training: what lies in each square; where a visual token is; where a named thing is; how two things lie.
        self.dense = nn.Linear(config.width, DENSE_SPLIT**2 * sum(DENSE_SIZES))
        self.cell = nn.Linear(config.width, 2)
        self.where = nn.Linear(config.width, 2)
        self.offset = nn.Linear(config.width, 2)
        self.embed = Spelled(config.vocabulary, config.width)
        self.blocks = nn.ModuleList(Block(config.width, config.head_size, config.feed_forward, config.norm_epsilon) for _ in range(config.layers))
        self.norm = Norm(config.width, config.norm_epsilon)
        self.head = nn.Linear(config.width, config.vocabulary, bias=False)
        self._start()
        self.names = Names(config.width, config.vocabulary, config.name_tokens) if config.name_tokens else None
        self.printed = PrintTokens(config.width, config.vocabulary) if config.fine_size else None
        self.things = ThingTokens(config.width, len(DENSE_SHAPES), len(DENSE_COLOURS), COLOURLESS, MARKS, SHARP, FIRST_OBJECT, config.vocabulary) if config.things else None

    def _start(self) -> None:
        for name, parameter in self.named_parameters():
            if name.startswith("vision.frozen") or name.startswith("vision.stem") or parameter.ndim < 2 or name in ("vision.place", "spot"):
                continue
            nn.init.normal_(parameter, std=0.02 if name in ("embed.weight", "head.weight") else parameter[0].numel() ** -0.5)
            if name.endswith(("attention.output.weight", "feed_forward.down.weight")):
                parameter.data.mul_(0.5)
        nn.init.normal_(self.embed.weight, std=0.5)
        nn.init.zeros_(self.embed.letters)

    def load_published(self) -> None:
        """The frozen parts' weights, from their packages."""
        self.vision.frozen.load_imagenet()
        if self.names is not None:
            self.names.load_published()

    def see(self, pixels: Tensor, wishes: Tensor | None = None, found: Tensor | None = None, things: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Normalised pixels -> visual tokens for the decoder [B, N, W], and what names.choose said of each picture.

        `wishes` [B, 3] stand for that in training: rows that begin with -1 are left as they were seen. A fine picture's tokens end in
        those of its print and its things; `found` and `things` stand for what would be found of each, beside a plain picture.
        """
        coarse = self.coarse(pixels) if self.printed is not None else pixels
        side = (coarse.shape[-2] // self.config.patch_size, coarse.shape[-1] // self.config.patch_size)
        grid, deep = self.vision(coarse)
        visual = self.projector(grid) + stretch(self.spot, side)
        if self.names is None:
            return visual, None
        with torch.autocast(pixels.device.type, enabled=False):
            chosen = self.names.choose(deep.float())
        seen = self.find_things(pixels, things)
        if seen is not None and things is None:
            chosen = self.things.name(seen, chosen, fine(pixels, self.config.image_size))
        if wishes is not None:
            chosen = torch.where(wishes[:, :1] < 0, chosen, wishes)
        visual = self.with_print(torch.cat((visual, self.names(chosen, self.embed).to(visual.dtype)), 1), pixels, found, chosen[:, :1] == DRAWING)
        if seen is None:
            return visual, chosen
        tokens = self.things(seen, self.names.code).to(visual.dtype)
        if torch.onnx.is_in_onnx_export():
            tokens = tokens[:, : fine(pixels, self.config.image_size).long() * self.config.thing_tokens]
        return torch.cat((visual, tokens), 1), chosen

    def coarse(self, pixels: Tensor) -> Tensor:
        """A fine picture as the tower sees it: the mean of each three by three pixels."""
        size = self.config.image_size
        if not torch.onnx.is_in_onnx_export():
            return F.avg_pool2d(pixels, pixels.shape[-1] // size) if pixels.shape[-1] >= 2 * size else pixels
        # Both ways in one graph: the size decides. Resizing to a third takes the middle of each three by three, where their mean stands.
        whole, factor = F.interpolate(pixels, size=(size, size), mode="bilinear"), self.config.fine_size // size
        mean = F.interpolate(F.avg_pool2d(pixels, factor, 1, factor // 2), size=(size, size), mode="bilinear")
        return torch.where(fine(pixels, size), mean, whole)

    def with_print(self, visual: Tensor, pixels: Tensor, found: Tensor | None, drawing: Tensor) -> Tensor:
        """`drawing` [B, 1]: in the grain of photographs letters are seen that are none, and got into the names of what they show."""
        if self.printed is None:
            return visual
        exporting, size = torch.onnx.is_in_onnx_export(), self.config.image_size
        if found is None:
            if not exporting and pixels.shape[-1] < 2 * size:
                return visual
            with torch.no_grad(), torch.autocast(pixels.device.type, enabled=False):
                found = self.printed.read(pixels.float())
        tokens = self.printed(found * drawing[..., None].to(found.dtype), self.embed, self.names.code).to(visual.dtype)
        if exporting:
            tokens = tokens[:, : fine(pixels, size).long() * self.config.print_tokens]
        return torch.cat((visual, tokens), 1)

    def find_things(self, pixels: Tensor, found: Tensor | None) -> Tensor | None:
        """What is found in the picture; None for a plain picture, of which nothing is said."""
        if self.things is None or found is not None:
            return found
        if not torch.onnx.is_in_onnx_export() and pixels.shape[-1] < 2 * self.config.image_size:
            return None
        with torch.no_grad(), torch.autocast(pixels.device.type, enabled=False):
            return self.things.find(self.vision.frozen, pixels.float())

    def decode(self, tokens: Tensor, visual: Tensor, image_token: int, positions: Tensor, mask: Tensor) -> tuple[Tensor, tuple, tuple]:
        """Hidden states [B, T, W]; queries and keys of the pointing layer; queries, keys and result of the grounding layer.

        `mask` is additive [B, 1, T, T]. Visual tokens replace the embeddings of image tokens in order.
        """
        x = self.embed(tokens)
        x = x.masked_scatter((tokens == image_token)[..., None], visual.to(x.dtype))
        turn = rotary(positions, self.config.head_size, self.config.rope_theta)
        pointing = grounding = ()
        for i, block in enumerate(self.blocks):
            x, query, key = block(x, turn, mask)
            if i == self.config.pointing_layer:
                pointing = (query, key)
            if i == self.config.grounding_layer:
                grounding = (query, key, x)
        return self.norm(x), pointing, grounding

    def next_scores(self, tokens: list[int], visual: Tensor, image_token: int) -> Tensor:
        """Scores of every token to come after one conversation."""
        mask = torch.full((len(tokens), len(tokens)), float("-inf")).triu(1)[None, None]
        hidden, _, _ = self.decode(torch.tensor([tokens]), visual, image_token, torch.arange(len(tokens))[None], mask)
        return self.head(hidden[0, -1])
