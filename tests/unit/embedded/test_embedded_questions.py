"""Questions of the project's own: exact arithmetic, fair stories, phrases kept from training."""

import re
import string
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.embedded_training.answer_styles import NOTHING
from core.embedded_training.questions import (
    chains,
    grammar,
    nothing,
    plain_sums,
    stories,
    typography,
    vocabulary,
)
from core.embedded_training.questions.expressions import (
    Expression,
    Operation,
    apply,
    inline,
    is_plain,
    leaves,
    show,
    steps,
    value,
)
from core.embedded_training.questions.phrases import PHRASES, lines, phrases, read
from core.grading.final_answer import extract

EVERY = PHRASES | {
    f"{file} {name}": phrases(table)
    for file in ("kinds", "chains")
    for name, table in read(f"{file}.toml").items()
}
CAST = vocabulary.Cast.draw(Random(0)).words
# The numbers that stories fill in, and {e} for a whole expression.
NUMBERS = frozenset("abcwxe")
CONSTANTS = {
    2: "twice|two times|double|half|perimeter|fence|around|average|mean",
    7: "weeks",
    12: "dozen",
    60: "hours",
}
NUMBER = re.compile(r"\d+(?:\.\d+)?")
SPELLED = {word: str(number) for number, word in enumerate(vocabulary.NUMBER_WORDS)}
MONEY = re.compile(r"[$€£] ?(\d+(?:\.\d+)?)|(\d+(?:\.\d+)?)(?:\$| (?:dollars|euros?|pounds)\b)")


def calculated(text: str) -> Fraction:
    """What arithmetic written in usual signs and brackets is worth, by Python's own rules."""
    python = text.replace("×", "*").replace("÷", "/").replace("−", "-")
    assert re.fullmatch(r"[\d.+*/()% -]+", python), text
    exact = NUMBER.sub(lambda match: f"Fraction('{match.group()}')", python)
    return eval(exact, {"Fraction": Fraction})


def mended(symbol: str, left: Expression, right: Expression) -> Operation:
    """An operation as questions have them: small, plain and not negative."""
    if symbol == "-" and value(left) < value(right):
        left, right = right, left
    if symbol in "×÷" and value(right) > 0:
        result = apply(symbol, value(left), value(right))
        if is_plain(result) and result < 10**6:
            return Operation(symbol, left, right)
    return Operation(symbol if symbol in "+-" else "+", left, right)


PLAIN = st.one_of(
    st.integers(1, 999).map(Fraction),
    st.integers(1, 999).map(lambda tenths: Fraction(tenths, 10)),
    st.integers(1, 9999).map(lambda cents: Fraction(cents, 100)),
)
EXPRESSIONS = st.recursive(
    PLAIN,
    lambda inner: st.builds(mended, st.sampled_from("+-×÷"), inner, inner),
    max_leaves=5,
)
ONE, TWO = Fraction(1), Fraction(2)
OPERATIONS = st.builds(mended, st.sampled_from("+-×÷"), EXPRESSIONS, EXPRESSIONS)


def _operations(expression: Expression) -> int:
    if isinstance(expression, Fraction):
        return 0
    return 1 + _operations(expression.left) + _operations(expression.right)


def _questions(
    count: int, *, unseen: bool, distraction: float = 0
) -> Iterator[tuple[str, Expression]]:
    random = Random(f"{count} {unseen}")
    for _ in range(count):
        question = stories.question(random, unseen=unseen, distraction=distraction)
        yield question.text, question.expression


# Expressions


@given(EXPRESSIONS)
def test_an_expression_reads_as_it_is_meant(expression: Expression) -> None:
    assert calculated(inline(expression)) == value(expression)


def test_only_needed_brackets_are_written() -> None:
    a, b, c = Fraction(12), Fraction(3), Fraction(4)
    assert inline(Operation("-", a, Operation("-", b, c))) == "12 - (3 - 4)"
    assert inline(Operation("-", Operation("-", a, b), c)) == "12 - 3 - 4"
    assert inline(Operation("+", a, Operation("×", b, c))) == "12 + 3 × 4"
    assert inline(Operation("×", Operation("+", a, b), c)) == "(12 + 3) × 4"
    assert inline(Operation("÷", a, Operation("×", b, c))) == "12 ÷ (3 × 4)"


@given(EXPRESSIONS)
@example(Operation("×", Operation("×", TWO, ONE), Operation("-", TWO, ONE)))
def test_steps_lead_to_the_value_one_operation_at_a_time(expression: Expression) -> None:
    found = steps(expression)
    assert len(found) <= _operations(expression)
    for step in found:
        left, right = str(step).split(" = ")
        assert calculated(left) == Fraction(right) == step.result
    assert (found[-1].result if found else expression) == value(expression)


@given(PLAIN)
def test_plain_numbers_are_written_exactly_and_without_idle_zeros(number: Fraction) -> None:
    assert Fraction(show(number)) == number
    assert re.fullmatch(r"(0|[1-9]\d*)(\.\d?[1-9])?", show(number))


def test_numbers_below_zero_or_with_three_decimals_are_not_plain() -> None:
    assert [is_plain(Fraction(text)) for text in ("0", "7", "7.5", "7.25")] == [True] * 4
    assert [is_plain(Fraction(text)) for text in ("-1", "7.125", "1/3")] == [False] * 3


# Phrases


@pytest.mark.parametrize("name", EVERY)
def test_phrases_for_judging_are_kept_from_training(name: str) -> None:
    part = EVERY[name]
    assert part.seen
    assert part.unseen
    assert not set(part.seen) & set(part.unseen)
    assert len(set(part.seen)) == len(part.seen)


@pytest.mark.parametrize("name", PHRASES)
def test_every_phrase_can_be_filled_and_names_the_same_numbers(name: str) -> None:
    named = set()
    for phrase in (*PHRASES[name].seen, *PHRASES[name].unseen):
        keys = {key for _, key, _, _ in string.Formatter().parse(phrase) if key}
        assert keys <= CAST.keys() | NUMBERS, phrase
        assert "{" not in phrase.format(**CAST, **dict.fromkeys(NUMBERS, "7"))
        named.add(frozenset(keys & NUMBERS))
    assert len(named) == 1


def test_no_sentence_of_an_unseen_question_is_in_a_seen_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With one word for each thing and # for each number, so that nothing else can differ."""
    cast = vocabulary.Cast({key: f"<{key}>" for key in CAST})
    monkeypatch.setattr(stories.Cast, "draw", lambda random: cast)

    def sentences(unseen: bool) -> set[str]:
        texts = [NUMBER.sub("#", text) for text, _ in _questions(2500, unseen=unseen)]
        return {sentence for text in texts for sentence in re.split(r"(?<=[.?]) ", text)}

    seen, unseen = sentences(False), sentences(True)
    assert min(len(seen), len(unseen)) > 150
    # The last sentence of a phrase whose first one differs.
    assert seen & unseen <= {
        "How many minutes is that?",
        "How many <o> is that?",
        "How many does <p> keep?",
    }


# Stories


@pytest.fixture
def _stories_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No kinds and no chains, whose words stand for more numbers."""
    monkeypatch.setattr(stories, "_KINDS_SHARE", 0)
    monkeypatch.setattr(stories, "_CHAINS_SHARE", 0)


@pytest.mark.usefixtures("_stories_alone")
@pytest.mark.parametrize("unseen", [False, True])
def test_a_story_names_its_numbers_and_no_others(unseen: bool) -> None:
    for text, expression in _questions(1500, unseen=unseen):
        needed = {show(number) for number in leaves(expression)}
        written = set(NUMBER.findall(text))
        assert written <= needed, text
        for hidden in needed - written:
            assert re.search(CONSTANTS[int(hidden)], text, re.IGNORECASE), text


@pytest.mark.parametrize("unseen", [False, True])
def test_results_on_the_way_are_never_negative_and_have_few_decimals(unseen: bool) -> None:
    for text, expression in _questions(1500, unseen=unseen):
        assert 1 <= len(steps(expression)) <= 8, text
        for number in (*leaves(expression), *(step.result for step in steps(expression))):
            assert 0 <= number < 10**6, text
            assert (number * 100).denominator == 1, text


@pytest.mark.usefixtures("_stories_alone")
def test_whole_things_stay_whole() -> None:
    for text, expression in _questions(1500, unseen=False):
        if "." not in "".join(NUMBER.findall(text)):
            assert value(expression).denominator == 1, text


def test_a_distraction_adds_one_number_that_the_answer_does_not_need() -> None:
    added = Counter(
        len(NUMBER.findall(text)) - len(NUMBER.findall(again))
        for (text, _), (again, _) in (
            (_one(seed, distraction=1.0), _one(seed, distraction=0.0)) for seed in range(300)
        )
    )
    assert set(added) == {0, 1}
    assert added[1] > 100


def test_a_distraction_leaves_the_answer_alone() -> None:
    for seed in range(300):
        assert _one(seed, distraction=1.0)[1] == _one(seed, distraction=0.0)[1]


def test_the_same_randomness_gives_the_same_question_and_questions_vary() -> None:
    assert [_one(seed) for seed in range(50)] == [_one(seed) for seed in range(50)]
    assert len({_one(seed)[0] for seed in range(200)}) > 195


def _one(seed: int, *, distraction: float = 0.06) -> tuple[str, Expression]:
    question = stories.question(Random(seed), distraction=distraction)
    return question.text, question.expression


# Kinds and chains


KINDS = read("kinds.toml")


@pytest.mark.parametrize("name", KINDS)
def test_each_phrase_of_a_kind_names_the_numbers_of_its_answer(name: str) -> None:
    kind = KINDS[name]
    needed = set(re.findall(r"\b[a-z]\b", kind["answer"]))
    given = (kind["numbers"] | kind.get("derived", {})).keys()
    assert needed <= given
    for phrase in lines(kind["seen"]) + lines(kind["unseen"]):
        named = set()
        for field, form in re.findall(r"\{(\w+)(?::(\w+))?\}", phrase):
            named |= {"k", "w"} if form in ("parts", "Parts") else {field}
        # x is the number that does not matter.
        assert (named & given) - {"x"} == needed, phrase
        assert named - given <= CAST.keys(), phrase


def test_kinds_have_numbers_that_fit_and_texts_without_a_field() -> None:
    random = Random(12)
    for unseen in (False, True):
        for _ in range(1500):
            text, expression = grammar.kind(random, unseen, vocabulary.Cast.draw(random))
            assert not re.search(r"[\[\]{}|]", text), text
            assert all(step.result > 0 and is_plain(step.result) for step in steps(expression))


@pytest.mark.parametrize("unseen", [False, True])
def test_a_chain_names_its_numbers_and_words_for_parts(unseen: bool) -> None:
    random = Random(13)
    for _ in range(1000):
        text, expression = chains.chain(random, unseen, vocabulary.Cast.draw(random), 0)
        assert not re.search(r"[\[\]{}|]", text), text
        needed = {show(number) for number in leaves(expression)}
        parts = {part for part in map(str, range(2, 11)) if re.search(rf"1/{part}\b", text)}
        assert set(NUMBER.findall(text)) - {"1"} <= needed | parts, text
        for hidden in needed - set(NUMBER.findall(text)):
            words = f"{vocabulary.PARTS[int(hidden)]}|double|twice|again|same (number|amount)"
            assert re.search(words, text), text


def test_an_aside_of_a_chain_leaves_its_answer_alone() -> None:
    cast = vocabulary.Cast.draw(Random(14))
    for seed in range(200):
        plain = chains.chain(Random(seed), False, cast, 0)
        aside = chains.chain(Random(seed), False, cast, 1)
        assert aside[1] == plain[1]
        assert len(aside[0]) > len(plain[0])


def test_what_has_nothing_to_compute_has_no_number_in_its_answer() -> None:
    assert extract(NOTHING) is None
    random = Random(15)
    drawn = {nothing.message(random) for _ in range(500)}
    assert len(drawn) > 200
    assert not any(re.search(r"[\[\]{}|]", text) for text in drawn)


# Bare arithmetic


def test_arithmetic_in_signs_is_worth_its_expression() -> None:
    random, checked = Random(3), 0
    for _ in range(1500):
        many = random.random() < 0.5
        expression = plain_sums.several_steps(random) if many else plain_sums.one_step(random)
        text = plain_sums.question(random, expression, unseen=random.random() < 0.5)
        signs = re.search(r"[\d(][\d.() ]*[-+×÷−*x/:][-+×÷−*x/:.()\d ]*[\d)]", text)
        if signs:
            usual = signs.group().replace("x", "×").replace(":", "÷")
            assert calculated(usual) == value(expression), text
            checked += 1
        else:
            assert set(NUMBER.findall(text)) == {show(one) for one in leaves(expression)}, text
    assert checked > 800


@pytest.mark.parametrize("unseen", [False, True])
def test_spoken_arithmetic_has_its_numbers_in_the_right_roles(unseen: bool) -> None:
    second_first = (
        "Subtract", "than", "How many times does", "when you take", "when you add"
    )  # fmt: skip
    random = Random(4)
    for symbol in "-÷":
        operation = Operation(symbol, Fraction(96), Fraction(8))
        spoken = {plain_sums.question(random, operation, unseen) for _ in range(300)}
        for text in (one for one in spoken if not re.search(r"\d ?[-−÷/:]", one)):
            swapped = any(words in text for words in second_first)
            expected = ["8", "96"] if swapped else ["96", "8"]
            assert NUMBER.findall(text) == expected, text


def test_one_step_is_plain_and_several_steps_have_more() -> None:
    random = Random(5)
    for _ in range(500):
        assert is_plain(value(plain_sums.one_step(random)))
        assert len(steps(plain_sums.several_steps(random))) >= 2


# Typography


def _normal(text: str) -> str:
    """A question without what typography may change."""
    text = re.sub(r"\b[a-z]+\b", lambda match: SPELLED.get(match[0], match[0]), text.lower())
    text = MONEY.sub(lambda match: match[1] or match[2], re.sub(r"(?<=\d)\.0(?!\d)", "", text))
    text = re.sub(r"(\.\d)0\b", r"\1", text)
    return re.sub(r"\s+(?=[.,?!])", "", text).rstrip(" ?.")


def test_typography_changes_neither_words_nor_numbers() -> None:
    random, changed = Random(6), 0
    for text, _ in _questions(1500, unseen=False, distraction=0.3):
        typed = typography.vary(text, random)
        assert _normal(typed) == _normal(text), typed
        changed += typed != text
    assert 300 < changed < 1200


def test_typography_of_data_sets_and_of_people_are_each_other_s_inverse() -> None:
    text = "Mia's bag holds 3.5 apples, right? She eats 2. How many are left?"
    spaced = "Mia's bag holds 3.5 apples , right ? She eats 2 . How many are left ?"
    assert typography.spaced(text) == spaced
    assert typography.plain(spaced) == text
    assert typography.plain("tom has 5 pens . how many %s ?") == "Tom has 5 pens. How many%s?"
    for question, _ in _questions(300, unseen=True):
        if question[0].isupper():
            assert typography.plain(typography.spaced(question)) == question


# Words


def test_drawn_numbers_are_of_the_sizes_that_questions_have() -> None:
    random = Random(7)
    for draw, decimals, low, high in (
        (vocabulary.number, 0, 2, 999),
        (vocabulary.factor, 0, 2, 60),
        (vocabulary.measure, 2, 1, 61),
    ):
        drawn = [draw(random) for _ in range(500)]
        assert all(low <= one < high + 1 for one in drawn)
        assert all((one * 10**decimals).denominator == 1 for one in drawn)
        assert len(set(drawn)) > 30
    assert any(vocabulary.measure(random).denominator > 1 for _ in range(20))


def test_a_cast_has_two_of_each_and_pronouns_that_fit() -> None:
    women = {*vocabulary.SHE, *vocabulary.MORE_SHE}
    random = Random(8)
    for _ in range(300):
        cast = vocabulary.Cast.draw(random).words
        for one, other in (("n", "m"), ("o", "o2"), ("day", "day2"), ("col", "col2")):
            assert cast[one] != cast[other]
        she = cast["n"] in women
        assert (cast["p"], cast["pos"], cast["obj"]) == (
            ("she", "her", "her") if she else ("he", "his", "him")
        )
        assert cast["P"].lower() == cast["p"]
        assert cast["mp"] == ("she" if cast["m"] in women else "he")
    assert not women & {*vocabulary.HE, *vocabulary.MORE_HE}
