"""The embedded LLM's tokenizer: byte-level BPE in which every digit is a token of its own."""

from collections.abc import Iterable
from pathlib import Path

VOCABULARY = 4096
CONTEXT = 512
"""Tokens of message and answer together."""
PAD, USER, ASSISTANT, END = "<pad>", "<|user|>", "<|assistant|>", "</s>"
_SPECIAL = [PAD, END, USER, ASSISTANT]
# A digit, a word or a run of signs, each with the blank before it.
_PIECES = r" ?\d| ?\p{L}+| ?[^\s\p{L}\d]+|\s+"
_CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message.role + '|>' + message.content }}"
    "{% if message.role == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def train(texts: Iterable[str], folder: Path) -> None:
    """Learn the vocabulary from texts and write the tokenizer's files to a folder."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=_SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        padding_side="left",
        model_max_length=CONTEXT,
        chat_template=_CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
    ).save_pretrained(folder)
