"""Runs an exported folder with onnxruntime, as the engine does: the checks and the measurements use what ships."""

from __future__ import annotations

import json
from pathlib import Path

import jinja2
import numpy as np
import onnxruntime
from PIL import Image
from tokenizers import Tokenizer


class Runtime:
    """The three sessions of a folder and the little around them. Greedy, one conversation at a time."""

    def __init__(self, folder: Path, threads: int = 1):
        read = lambda name: json.loads((folder / name).read_text())
        self.config, self.image, self.generation = read("config.json"), read("preprocessor_config.json"), read("generation_config.json")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.template = jinja2.Environment().from_string(read("tokenizer_config.json")["chat_template"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        file = lambda name: next(p for p in (folder / "onnx" / f"{name}{end}.onnx" for end in ("", "_quantized")) if p.exists())
        session = lambda name: onnxruntime.InferenceSession(str(file(name)), options, providers=["CPUExecutionProvider"])
        self.vision, self.embed, self.decoder = session("vision_encoder"), session("embed_tokens"), session("decoder_model_merged")

    def prompt(self, text: str, picture: bool, system: str | None = None, fine: bool = False) -> list[int]:
        """Token ids of one question, the image token repeated once per visual token."""
        content = ([{"type": "image"}] if picture else []) + [{"type": "text", "text": text}]
        messages = ([{"role": "system", "content": system}] if system else []) + [{"role": "user", "content": content}]
        written = self.template.render(messages=messages, add_generation_prompt=True)
        image, repeat = self.config["image_token_index"], self.config["vision_config"]["fine_image_seq_length"] if fine else self.config["image_seq_length"]
        return [t for token in self.tokenizer.encode(written, add_special_tokens=False).ids for t in [token] * (repeat if token == image else 1)]

    def see(self, picture: np.ndarray, fine: bool = False) -> np.ndarray:
        """Visual tokens of a uint8 RGB picture of any size."""
        size = (self.config["vision_config"]["fine_image_size"],) * 2 if fine else (self.image["size"]["width"], self.image["size"]["height"])
        if picture.shape[1::-1] != size:
            picture = np.asarray(Image.fromarray(picture).resize(size, self.image["resample"]))
        mean, deviation = np.array(self.image["image_mean"], np.float32), np.array(self.image["image_std"], np.float32)
        pixels = (picture.astype(np.float32) * np.float32(self.image["rescale_factor"]) - mean) / deviation
        return self.vision.run(None, {"pixel_values": pixels.transpose(2, 0, 1)[None].astype(np.float32)})[0]

    def generate(self, prompt: list[int], picture: np.ndarray | None, most: int | None = None, fine: bool = False) -> str:
        ids = np.array([prompt], np.int64)
        embeds = self.embed.run(None, {"input_ids": ids})[0]
        if picture is not None:
            embeds[ids == self.config["image_token_index"]] = self.see(picture, fine)[0]
        text = self.config["text_config"]
        empty = np.zeros((1, text["num_key_value_heads"], 0, text["head_dim"]), np.float32)
        cache = {f"past_key_values.{i}.{k}": empty for i in range(text["num_hidden_layers"]) for k in ("key", "value")}
        names, answer, position = [o.name for o in self.decoder.get_outputs()], [], 0
        for _ in range(most or self.generation["max_new_tokens"]):
            new = embeds.shape[1]
            feed = {"inputs_embeds": embeds, "attention_mask": np.ones((1, position + new), np.int64), "position_ids": np.arange(position, position + new, dtype=np.int64)[None], **cache}
            output = dict(zip(names, self.decoder.run(None, feed)))
            token = int(output["logits"][0, -1].argmax())
            if token == self.generation["eos_token_id"]:
                break
            answer.append(token)
            position += new
            cache = {n.replace("present", "past_key_values"): v for n, v in output.items() if n != "logits"}
            embeds = self.embed.run(None, {"input_ids": np.array([[token]], np.int64)})[0]
        return self.tokenizer.decode(answer)

    def answer(self, text: str, picture: np.ndarray | None, system: str | None = None) -> str:
        """The answer at the finest size that the folder has."""
        fine = "fine_image_size" in self.config["vision_config"]
        return self.generate(self.prompt(text, picture is not None, system, fine), picture, fine=fine)
