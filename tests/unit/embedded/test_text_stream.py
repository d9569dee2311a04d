"""Text in pieces: nothing lost, nothing broken, nothing early."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_llama import make_tokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from core.llms.local.text_stream import TextStream


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> PreTrainedTokenizerBase:
    """A tokenizer of LLaMA's kind."""
    folder = tmp_path_factory.mktemp("tokenizer")
    make_tokenizer(folder)
    return AutoTokenizer.from_pretrained(folder)


@pytest.fixture(scope="module")
def byte_level() -> PreTrainedTokenizerBase:
    """A tokenizer of GPT's kind: every byte is a letter, blanks belong to words."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        ["How many are left? The answer is 7."], trainers.BpeTrainer(initial_alphabet=alphabet)
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer)


def _stream(tokenizer: PreTrainedTokenizerBase, tokens: list[int]) -> tuple[list[str], str]:
    stream = TextStream(lambda part: tokenizer.decode(part, skip_special_tokens=True))
    pieces = [stream.push(token) for token in tokens]
    pieces.append(stream.finish())
    return pieces, stream.text


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.text(
    st.sampled_from(" ab7.\n€😀é漢"), max_size=30
)


@pytest.mark.parametrize("kind", ["tokenizer", "byte_level"])
@given(text=_TEXTS)
def test_pieces_join_to_what_decoding_all_at_once_gives(
    kind: str, text: str, request: pytest.FixtureRequest
) -> None:
    tokenizer = request.getfixturevalue(kind)
    tokens = tokenizer.encode(text, add_special_tokens=False)
    whole = tokenizer.decode(tokens, skip_special_tokens=True)
    pieces, joined = _stream(tokenizer, tokens)
    assert "".join(pieces) == joined == whole


def test_a_character_of_several_tokens_comes_whole(tokenizer: PreTrainedTokenizerBase) -> None:
    tokens = tokenizer.encode("5 € 😀", add_special_tokens=False)
    assert len(tokens) > 9
    pieces, _ = _stream(tokenizer, tokens)
    assert [piece.strip() for piece in pieces if piece.strip()] == ["5", "€", "😀"]


def test_blanks_between_words_stay(tokenizer: PreTrainedTokenizerBase) -> None:
    tokens = tokenizer.encode("The answer is 7.", add_special_tokens=False)
    pieces, _ = _stream(tokenizer, tokens)
    assert "".join(pieces) == "The answer is 7."
    assert len([piece for piece in pieces if piece]) > 2


@given(data=st.data())
def test_any_tokens_come_through_and_pieces_are_never_taken_back(
    data: st.DataObject, tokenizer: PreTrainedTokenizerBase
) -> None:
    tokens = data.draw(st.lists(st.integers(0, len(tokenizer) - 1), max_size=40))
    pieces, joined = _stream(tokenizer, tokens)
    assert "".join(pieces) == joined


def test_the_end_of_a_cut_off_character_is_shown_as_broken(
    tokenizer: PreTrainedTokenizerBase,
) -> None:
    tokens = tokenizer.encode("7 €", add_special_tokens=False)[:-1]
    pieces, joined = _stream(tokenizer, tokens)
    assert joined.startswith("7 \N{REPLACEMENT CHARACTER}")
    assert not any("\N{REPLACEMENT CHARACTER}" in piece for piece in pieces[:-1])
