"""A tiny random LLaMA in a folder, so that real loading and generating code runs in tests."""

import json
from pathlib import Path

BYTES = [f"<0x{number:02X}>" for number in range(256)]
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}[INST] {{ message['content'] }} [/INST]"
    "{% endfor %}"
)
SENTENCES = [
    "Mia has 12 stickers and gives 5 to her brother. How many are left?",
    "Let's think step by step. The answer is 7.",
    "Olga has 12 nuts and shares them among 4 friends.",
]
MESSAGES = [
    "How many?",
    "Mia has 12 stickers and gives 5 to her brother. How many are left?",
    "Olga has 12 nuts and shares them among 4 friends. Let's think step by step.",
    "The answer is 7.",
    "How many nuts? €",
]
"""What it is asked, of different lengths and with a letter that its tokenizer writes in bytes."""


def make_tokenizer(folder: Path, template: str | None = TEMPLATE, end: str | None = "</s>") -> None:
    """Save a tokenizer of LLaMA's kind: BPE with bytes for what it does not know.

    Args:
        folder: Where to.
        template: The chat template, None for none.
        end: The token that ends an answer, None for answers that never end by themselves.
    """
    from tokenizers import Tokenizer, decoders, models, normalizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    special = ["<unk>", "<s>", "</s>"]
    tokenizer.train_from_iterator(
        SENTENCES, trainers.BpeTrainer(vocab_size=420, special_tokens=[*special, *BYTES])
    )
    stored = json.loads(tokenizer.to_str())
    # The trainer takes bytes only as special tokens, which decoding would leave out.
    stored["added_tokens"] = [one for one in stored["added_tokens"] if one["content"] in special]
    fast = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(stored)),
        bos_token="<s>",
        eos_token=end,
        unk_token="<unk>",
        chat_template=template,
    )
    fast.save_pretrained(folder)


def make_tiny_llama(folder: Path, *, template: str | None = TEMPLATE, **config: object) -> Path:
    """Save a random LLaMA of 2 layers and width 64 with its tokenizer, and return the folder.

    Args:
        folder: Where to.
        template: The chat template, None for none.
        config: Overrides of ``LlamaConfig``.
    """
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    make_tokenizer(folder, template)
    shape = {
        "vocab_size": len(AutoTokenizer.from_pretrained(folder)),
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 128,
        "bos_token_id": 1,
        "eos_token_id": 2,
        # Wide enough that the likeliest token is clear, so that rounding does not change texts.
        "initializer_range": 0.3,
    }
    torch.manual_seed(0)
    LlamaForCausalLM(LlamaConfig(**{**shape, **config})).save_pretrained(folder)
    return folder


def make_tiny_embedded(folder: Path) -> Path:
    """Save a random LLaMA of the embedded LLM's kind, and return the folder."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    from core.embedded_training.tokenizer import train

    train(SENTENCES * 3, folder)
    config = LlamaConfig(
        vocab_size=len(AutoTokenizer.from_pretrained(folder)),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=128,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=1,
        pad_token_id=0,
        # Wide enough that the likeliest token is clear, so that rounding does not change texts.
        initializer_range=0.3,
    )
    torch.manual_seed(0)
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder
