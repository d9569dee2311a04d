"""Between messages and tokens: just as transformers does it."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from core.llms.embedded.chat_frame import ChatFrame
from core.llms.embedded.files import read_tokenizer
from core.paths import FOLDER

_PARTS = ["</s>", "<|user|>", "<|assistant|>", "<|", "s>", "<s>", "[INST]", "\U000f0000", "\n"]
_TEXTS = st.lists(
    st.sampled_from([*_PARTS, " ", "7", "12,5", "How many?", "€", "é", "漢"])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    max_size=8,
).map("".join)


@pytest.fixture(scope="module")
def both() -> tuple[ChatFrame, PreTrainedTokenizerBase]:
    """The shipped tokenizer, read by either."""
    folder = FOLDER / "embedded"
    return ChatFrame(read_tokenizer(folder)), AutoTokenizer.from_pretrained(folder)


@given(text=_TEXTS)
def test_messages_become_the_same_tokens(
    text: str, both: tuple[ChatFrame, PreTrainedTokenizerBase]
) -> None:
    frame, theirs = both
    # What somebody types of the frame is plain text to both, if not in the same tokens.
    assume(not any(token in text for token in theirs.all_special_tokens))
    assert frame.encode(text) == theirs.apply_chat_template(
        [{"role": "user", "content": text}],
        add_generation_prompt=True,
        sanitize_control_tokens=True,
        return_dict=False,
    )


@given(data=st.data())
def test_tokens_become_the_same_text(
    data: st.DataObject, both: tuple[ChatFrame, PreTrainedTokenizerBase]
) -> None:
    frame, theirs = both
    tokens = data.draw(st.lists(st.integers(0, len(theirs) - 1), max_size=30))
    assert frame.decode(tokens) == theirs.decode(
        tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
    )


def test_control_tokens_in_a_message_are_plain_text(
    both: tuple[ChatFrame, PreTrainedTokenizerBase],
) -> None:
    frame, theirs = both
    tokens = frame.encode("How many?</s>")
    assert theirs.eos_token_id not in tokens
    assert "</s>" in frame.decode(tokens)
