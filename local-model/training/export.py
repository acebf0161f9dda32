"""Writes a checkpoint as the hub layout the engine loads: `python export.py --checkpoint state/first/latest.pt`.

Three ONNX graphs (vision_encoder with the projector inside, embed_tokens, decoder_model_merged with its cache as
inputs and outputs), the configs, the tokenizer and checksums. Then the same questions are answered by PyTorch in its
training form and by onnxruntime from the written files, and any difference in the text is an error.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from PIL import Image
from torch import Tensor, nn

import questions
import scenes
import tokenizer as words
from batches import Packer
from chunks import cut_graphs
from eight_bits import shrink
from fused import fuse
from model import Config, Ocelli, rotary
from runtime import Runtime
from simplify import simplify
from subgraphs import divide
from train import normalise

WEIGHTS = Path(__file__).parent.parent / "weights"
OPSET = 17
GRAPHS = ("vision_encoder", "embed_tokens", "decoder_model_merged")
PARITY = Path(__file__).parent / "state" / "parity"
LATE = 2**18  # weights of a classifier that become floats only when they are used
LATE_CONVOLUTIONS = 150_000  # and of a convolution: ten, of maps of 6 or 12 cells a side
LONGEST_ANSWER = 16  # tokens compared


class VisionEncoder(nn.Module):
    """pixel_values [batch, 3, h, w] -> image_features [batch, tokens, hidden]."""

    def __init__(self, model: Ocelli):
        super().__init__()
        self.model = model

    def forward(self, pixel_values: Tensor) -> Tensor:
        return self.model.see(pixel_values)[0]


class Decoder(nn.Module):
    """The blocks with a cache: attends from S new tokens to P cached ones and to each other, causally."""

    def __init__(self, model: Ocelli):
        super().__init__()
        self.model = model

    def forward(self, inputs_embeds: Tensor, attention_mask: Tensor, position_ids: Tensor, *cache: Tensor) -> tuple[Tensor, ...]:
        config = self.model.config
        new, total = inputs_embeds.shape[1], attention_mask.shape[1]
        # Finite, so that a row of padding alone gives numbers (which nobody reads) and not NaN.
        hidden = torch.full((), -1e9)
        keys, queries = torch.arange(total)[None, :], torch.arange(new)[:, None] + (total - new)
        allowed = (keys <= queries)[None, None] & (attention_mask > 0)[:, None, None, :]
        mask = torch.where(allowed, torch.zeros(()), hidden)
        turn = rotary(position_ids, config.head_size, config.rope_theta)
        x, present = inputs_embeds, []
        for i, block in enumerate(self.model.blocks):
            query, key, value = block.attention.project(block.attention_norm(x), turn)
            key, value = torch.cat((cache[2 * i], key), 2), torch.cat((cache[2 * i + 1], value), 2)
            present += [key, value]
            weights = (query @ key.transpose(-2, -1) * config.head_size**-0.5 + mask).softmax(-1)
            x = x + block.attention.output((weights @ value).transpose(1, 2).flatten(2))
            x = x + block.feed_forward(block.feed_forward_norm(x))
        return self.model.head(self.model.norm(x)), *present


def write_graph(module: nn.Module, inputs: tuple, names: list[str], outputs: list[str], axes: dict, path: Path) -> None:
    module.eval()  # before the exporter, which puts back whatever mode it found
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, inputs, str(path), input_names=names, output_names=outputs, dynamic_axes=axes, opset_version=OPSET, dynamo=False)
    graph = onnx.load(str(path))
    onnx.checker.check_model(graph)
    graph.producer_name = "ocelli"
    onnx.save(graph, str(path))
    simplify(path)


def write_graphs(model: Ocelli, folder: Path) -> None:
    config = model.config
    folder.mkdir(parents=True, exist_ok=True)
    write_graph(VisionEncoder(model), (torch.randn(2, 3, *[config.fine_size or config.image_size] * 2),), ["pixel_values"], ["image_features"],
                {"pixel_values": {0: "batch", 2: "height", 3: "width"}, "image_features": {0: "batch", 1: "tokens"}}, folder / "vision_encoder.onnx")
    write_graph(model.embed, (torch.zeros(2, 3, dtype=torch.long),), ["input_ids"], ["inputs_embeds"],
                {"input_ids": {0: "batch_size", 1: "sequence_length"}, "inputs_embeds": {0: "batch_size", 1: "sequence_length"}}, folder / "embed_tokens.onnx")
    past, new, batch = 4, 3, 2
    cache = [torch.randn(batch, config.heads, past, config.head_size) for _ in range(2 * config.layers)]
    pair = [(i, kind) for i in range(config.layers) for kind in ("key", "value")]
    cache_names, present_names = [f"past_key_values.{i}.{k}" for i, k in pair], [f"present.{i}.{k}" for i, k in pair]
    axes = {"inputs_embeds": {0: "batch_size", 1: "sequence_length"}, "attention_mask": {0: "batch_size", 1: "total_sequence_length"},
            "position_ids": {0: "batch_size", 1: "sequence_length"}, "logits": {0: "batch_size", 1: "sequence_length"}}
    axes |= {n: {0: "batch_size", 2: "past_sequence_length"} for n in cache_names} | {n: {0: "batch_size", 2: "total_sequence_length"} for n in present_names}
    example = (torch.randn(batch, new, config.width), torch.ones(batch, past + new, dtype=torch.long), torch.arange(past, past + new).expand(batch, -1), *cache)
    write_graph(Decoder(model), example, ["inputs_embeds", "attention_mask", "position_ids", *cache_names], ["logits", *present_names], axes, folder / "decoder_model_merged.onnx")


def write_configs(config: Config, folder: Path) -> None:
    def write(name: str, value: dict) -> None:
        (folder / name).write_text(json.dumps(value, indent=2) + "\n")

    write("config.json", {
        "model_type": "llava", "architectures": ["LlavaForConditionalGeneration"], "image_token_index": words.IMAGE, "image_seq_length": config.visual_tokens,
        "bos_token_id": words.BOS, "eos_token_id": words.END, "pad_token_id": words.PAD, "projector_hidden_act": "gelu", "vision_feature_select_strategy": "full",
        "text_config": {
            "model_type": "llama", "hidden_size": config.width, "intermediate_size": config.feed_forward, "num_hidden_layers": config.layers, "num_attention_heads": config.heads,
            "num_key_value_heads": config.heads, "head_dim": config.head_size, "vocab_size": config.vocabulary, "max_position_embeddings": config.positions, "hidden_act": "silu",
            "rms_norm_eps": config.norm_epsilon, "rope_theta": config.rope_theta, "tie_word_embeddings": False, "bos_token_id": words.BOS, "eos_token_id": words.END, "pad_token_id": words.PAD,
        },
        "vision_config": {"model_type": "ocelli_hybrid_vit", "image_size": config.image_size, **({"fine_image_size": config.fine_size, "fine_image_seq_length": config.visual_tokens + config.fine_tokens} if config.fine_size else {}), "patch_size": config.patch_size, "hidden_size": config.vision_width,
                          "num_hidden_layers": config.vision_layers, "num_attention_heads": config.vision_width // config.head_size, "num_channels": 3},
        "transformers.js_config": {"dtype": "fp32"},
    })
    write("generation_config.json", {"bos_token_id": words.BOS, "eos_token_id": words.END, "pad_token_id": words.PAD, "do_sample": False, "max_new_tokens": 48})
    write("preprocessor_config.json", {
        "image_processor_type": "CLIPImageProcessor", "processor_class": "LlavaProcessor", "do_convert_rgb": True, "do_resize": True, "size": {"height": config.image_size, "width": config.image_size},
        "resample": 3, "do_center_crop": False, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": [127 / 255] * 3, "image_std": [128 / 255] * 3,
    })
    write("processor_config.json", {"processor_class": "LlavaProcessor", "image_token": "<image>", "patch_size": config.patch_size, "num_additional_image_tokens": config.said_tokens,
                                    "vision_feature_select_strategy": "full", "image_seq_length": config.visual_tokens})
    write("tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|bos|>", "eos_token": "<|end|>", "pad_token": "<|pad|>", "image_token": "<image>",
                                    "add_bos_token": False, "add_eos_token": False, "clean_up_tokenization_spaces": False, "model_max_length": config.positions, "chat_template": words.CHAT_TEMPLATE})
    shutil.copy(words.path_of(config.vocabulary), folder / "tokenizer.json")


def ship(full: Path, out: Path, quantised: set[str]) -> None:
    """The folder that is shipped: the fp32 one with the weights of some graphs stored in 8 bits, and graphs that are quick to load."""
    config = json.loads((full / "config.json").read_text())
    vocabulary = config["text_config"]["vocab_size"]
    tried_on = {"vision_encoder": tower_inputs(config["vision_config"]), "decoder_model_merged": decoder_inputs(config["text_config"])}
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch)
        for name in GRAPHS:
            source = full / "onnx" / f"{name}.onnx"
            target, plain = made / (f"{name}_quantized.onnx" if name in quantised else source.name), made / f"{name}.plain"
            if name in quantised:
                # The last layer spells the codes of names.py, which are larger than its other weights.
                shrink(source, target, vocabulary, late=LATE, late_convolutions=LATE_CONVOLUTIONS)
                shrink(source, plain, vocabulary)
            else:
                shutil.copy(source, target)
                shutil.copy(source, plain)
            if name == "vision_encoder":
                divide(target)
                cut_graphs(target)
            if name in tried_on:  # not the table of embeddings: four nodes
                fuse(target)
                check_same(plain, target, tried_on[name])
            plain.unlink()
        # Only when all are right: a failed export leaves the weights as they were.
        shutil.rmtree(out / "onnx", ignore_errors=True)
        shutil.copytree(made, out / "onnx")
    for file in full.glob("*.json"):
        if file.name != "checksums.json":
            shutil.copy(file, out / file.name)
    config["transformers.js_config"] = {"dtype": {name: "q8" if name in quantised else "fp32" for name in GRAPHS}}
    # For local-model/engine/finished-graph.ts.
    config["ocelli"] = {"finished_graphs": [f"{name}_quantized" if name in quantised else name for name in tried_on]}
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def tower_inputs(config: dict) -> list[dict[str, np.ndarray]]:
    """At both sizes a picture with things in it, and noise."""
    inputs = []
    for size in {config["image_size"], config.get("fine_image_size", config["image_size"])}:
        for picture in (scenes.render(scenes.HELD_OUT_SEED, None, size, 0.0).picture, np.random.default_rng(size).integers(0, 256, (size, size, 3), np.uint8)):
            inputs.append({"pixel_values": normalise(torch.from_numpy(picture.transpose(2, 0, 1).copy())[None]).numpy()})
    return inputs


def decoder_inputs(config: dict) -> list[dict[str, np.ndarray]]:
    """Several new tokens with nothing before them, and one behind a few."""
    rng, inputs = np.random.default_rng(0), []
    for past, new in ((0, 7), (5, 1)):
        cache = {f"past_key_values.{layer}.{kind}": rng.standard_normal((1, config["num_key_value_heads"], past, config["head_dim"]), np.float32)
                 for layer in range(config["num_hidden_layers"]) for kind in ("key", "value")}
        inputs.append({"inputs_embeds": rng.standard_normal((1, new, config["hidden_size"]), np.float32), "attention_mask": np.ones((1, past + new), np.int64),
                       "position_ids": np.arange(past, past + new)[None], **cache})
    return inputs


def check_same(plain: Path, rewritten: Path, inputs: list[dict[str, np.ndarray]]) -> None:
    """Makes sure that a rewritten graph computes what the plain one does."""
    first, second = (onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"]) for graph in (plain, rewritten))
    for given in inputs:
        for one, other in zip(first.run(None, given), second.run(None, given), strict=True):
            # Not "more than": a result that is no number is not the same either.
            if one.shape != other.shape or not np.abs(one - other).max(initial=0) <= 1e-3 * max(1, np.abs(one).max(initial=0)):
                raise SystemExit(f"{rewritten.name}, which is quick to load, computes something else")


def agreement(full: Path, out: Path) -> str:
    """How many of the parity cases the shipped folder answers like the fp32 one."""
    wanted, runtime = json.loads((PARITY / "cases.json").read_text()), Runtime(out)
    same = 0
    for case in wanted["cases"]:
        picture = None if case["picture"] is None else np.asarray(Image.open(PARITY / case["picture"]))
        same += case["answer"] == runtime.generate(runtime.prompt(case["question"], picture is not None, fine=case["fine"]), picture, wanted["longest"], case["fine"])
    return f"shipped folder: {same} of {len(wanted['cases'])} answers equal those of fp32"


def write_checksums(folder: Path) -> None:
    """sha256 of every file but the list itself and the card, which is written on later and which the model does without."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in ("checksums.json", "README.md"))
    sums = {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
    (folder / "checksums.json").write_text(json.dumps({"algorithm": "sha256", "files": sums}, indent=2) + "\n")


def reference_answer(model: Ocelli, runtime: Runtime, picture: np.ndarray | None, prompt: list[int]) -> str:
    """Greedy text from the PyTorch model in its training form, no cache."""
    visual = torch.zeros(1, 0, model.config.width)
    if picture is not None:
        visual, _ = model.see(normalise(torch.from_numpy(picture.transpose(2, 0, 1).copy())[None]))
    tokens = list(prompt)
    while len(tokens) < len(prompt) + LONGEST_ANSWER:
        token = int(model.next_scores(tokens, visual, words.IMAGE).argmax())
        if token == words.END:
            break
        tokens.append(token)
    return runtime.tokenizer.decode(tokens[len(prompt):])


def parity_cases(model: Ocelli, runtime: Runtime, pictures: int) -> list[dict]:
    """One question on each of some held-out pictures drawn at one of the model's own sizes, every tenth without one, with PyTorch's answer."""
    packer, cases = Packer(model.config), []
    for number in range(pictures):
        seed = scenes.HELD_OUT_SEED + number
        fine = model.config.fine_size > 0 and number % 2 == 0
        scene, asked = packer.scene(seed, model.config.fine_size if fine else model.config.image_size, 0.0)
        rng = np.random.default_rng(seed)
        question = questions.without_picture(rng) if number % 10 == 9 else questions.pick(rng, (asked or questions.ask(rng, scene, 4))[:3])
        picture = None if number % 10 == 9 else scene.picture
        prompt = runtime.prompt(question.text, picture is not None, fine=fine)
        cases.append({"question": question.text, "picture": picture, "fine": fine, "answer": reference_answer(model, runtime, picture, prompt)})
    return cases


def check_parity(model: Ocelli, folder: Path, pictures: int) -> None:
    """PyTorch against onnxruntime here; parity.mjs compares the same cases with our engine and transformers.js."""
    runtime, same = Runtime(folder), 0
    with torch.no_grad():
        cases = parity_cases(model, runtime, pictures)
    shutil.rmtree(PARITY, ignore_errors=True)
    PARITY.mkdir(parents=True)
    for number, case in enumerate(cases):
        picture = case["picture"]
        theirs = runtime.generate(runtime.prompt(case["question"], picture is not None, fine=case["fine"]), picture, LONGEST_ANSWER, case["fine"])
        same += case["answer"] == theirs
        if case["answer"] != theirs:
            print(f"differs: {case['question']!r}: PyTorch {case['answer']!r}, onnxruntime {theirs!r}")
        if picture is not None:
            case["picture"] = f"{number}.png"
            Image.fromarray(picture).save(PARITY / case["picture"])
    (PARITY / "cases.json").write_text(json.dumps({"longest": LONGEST_ANSWER, "cases": cases}))
    print(f"parity: {same} of {len(cases)} greedy answers equal")
    if same != len(cases):
        raise SystemExit("the exported files do not answer as the checkpoint does")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the folder that is shipped")
    parser.add_argument("--full", type=Path, default=PARITY.parent / "fp32", help="the same in fp32, for the comparisons")
    parser.add_argument("--quantise", default=",".join(GRAPHS), help="graphs whose weights are stored in 8 bits")
    parser.add_argument("--pictures", type=int, default=200, help="held-out pictures of the parity check")
    options = parser.parse_args()
    state = torch.load(options.checkpoint, weights_only=True, map_location="cpu")
    model = Ocelli(Config.of(state["config"]))
    model.load_state_dict(state["average"])
    model.embed.settle()
    model.eval()
    write_graphs(model, options.full / "onnx")
    write_configs(model.config, options.full)
    check_parity(model, options.full, options.pictures)
    ship(options.full, options.out, set(filter(None, options.quantise.split(","))))
    print(agreement(options.full, options.out))
    write_checksums(options.out)
    size = sum(p.stat().st_size for p in options.out.rglob("*") if p.is_file())
    print(f"{options.out}: {size / 1e6:.2f} MB, {state['pictures']} pictures, {state['questions']} questions, {state['minutes']:.0f} minutes of training")


if __name__ == "__main__":
    main()
