"""Sixteen ways to write an answer: each is read as the right number, each is true arithmetic."""

import re
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from test_embedded_questions import OPERATIONS, calculated

from core.embedded_training.answer_styles import STYLES, AnswerStyle, step_by_step
from core.embedded_training.questions import stories
from core.embedded_training.questions.expressions import (
    Expression,
    Operation,
    inline,
    leaves,
    show,
    steps,
    value,
)
from core.grading.final_answer import extract
from core.prompts import PROMPTS

TWO_STEPS = Operation("×", Operation("+", Fraction(46), Fraction(37)), Fraction(14))
WITHOUT_EQUATIONS = {"direct", "maze", "round-table", "philosophers"}

every_style = pytest.mark.parametrize(
    "style", [pytest.param(style, id=name) for name, style in STYLES.items()]
)


def _equations(answer: str) -> list[str]:
    """The chains of equalities in an answer, each of which is arithmetic alone."""
    parts = re.split(r"[,:?]|\.(?= |$)", answer)
    # Quotient and remainder as Python writes them.
    signs = {"div": "//", "mod": "%"}
    return [re.sub("div|mod", lambda match: signs[match[0]], part) for part in parts if "=" in part]


def test_every_prompt_has_a_style_of_its_own() -> None:
    assert list(STYLES) == [prompt.id for prompt in PROMPTS]
    assert len({style(TWO_STEPS) for style in STYLES.values()}) == len(PROMPTS)


def test_styles_cost_very_different_numbers_of_characters() -> None:
    lengths = {name: len(style(TWO_STEPS)) for name, style in STYLES.items()}
    assert len(set(lengths.values())) >= 13
    assert min(lengths, key=lengths.get) == "direct"
    assert max(lengths.values()) > 6 * lengths["direct"]


@given(OPERATIONS)
def test_every_answer_is_read_as_the_value(expression: Expression) -> None:
    for name, style in STYLES.items():
        assert extract(style(expression)) == value(expression), name


@given(OPERATIONS)
def test_every_equation_in_every_answer_is_true(expression: Expression) -> None:
    for name, style in STYLES.items():
        equations = _equations(style(expression))
        assert bool(equations) == (name not in WITHOUT_EQUATIONS), name
        for equation in equations:
            assert len({calculated(side) for side in equation.split("=")}) == 1, (name, equation)


@pytest.mark.parametrize("unseen", [False, True])
def test_questions_of_the_project_are_answered_rightly_in_every_style(unseen: bool) -> None:
    random = Random(11)
    for _ in range(150):
        question = stories.question(random, unseen=unseen)
        for name, style in STYLES.items():
            answer = style(question.expression)
            assert extract(answer) == value(question.expression), (name, question)
            for equation in _equations(answer):
                assert len({calculated(side) for side in equation.split("=")}) == 1, equation


@every_style
def test_an_answer_ends_with_the_number_and_nothing_after_it(style: AnswerStyle) -> None:
    assert style(TWO_STEPS).endswith("The answer is 1162.")
    assert "\n" not in style(TWO_STEPS)


@given(OPERATIONS)
def test_the_working_reaches_every_result_on_the_way(expression: Expression) -> None:
    """In all styles but those whose point is to leave the working out."""
    for name in STYLES.keys() - {"direct", "logical", "detective", "philosophers"}:
        said = set(re.findall(r"\d+(?:\.\d+)?", STYLES[name](expression)))
        assert {show(step.result) for step in steps(expression)} <= said, name


@given(OPERATIONS)
def test_one_expression_says_it_all(expression: Expression) -> None:
    said = STYLES["logical"](expression).split(". The answer")[0]
    assert said == f"{inline(expression)} = {show(value(expression))}"


@given(OPERATIONS)
def test_the_check_leads_back_to_where_the_last_step_began(expression: Expression) -> None:
    check = STYLES["ape"](expression).split("Check: ")[1].split(". ")[0]
    last = steps(expression)[-1]
    assert check.split(" ")[0] == show(last.result)
    assert check.split(" = ")[1] == show(last.left)


@given(OPERATIONS)
def test_each_sub_question_is_answered_by_a_step(expression: Expression) -> None:
    answer = STYLES["decompose"](expression)
    asked = re.findall(r"What do we get when we [a-z ]+\? (.+?)\.(?: |$)", answer)
    assert asked == [str(step) for step in steps(expression)]


@pytest.mark.parametrize(("name", "word"), [("puzzle", "pieces"), ("detective", "clues")])
def test_the_numbers_are_listed_first(name: str, word: str) -> None:
    assert STYLES[name](TWO_STEPS).startswith(f"The {word} are 46, 37 and 14. ")
    assert [*leaves(TWO_STEPS)] == [46, 37, 14]


def test_the_styles_are_written_as_their_prompts_ask() -> None:
    assert {name: style(TWO_STEPS) for name, style in STYLES.items()} == {
        "direct": "The answer is 1162.",
        "cot": "46 + 37 = 83. 83 × 14 = 1162. The answer is 1162.",
        "ape": "46 + 37 = 83. 83 × 14 = 1162. Check: 1162 ÷ 14 = 83. The answer is 1162.",
        "experts": "Expert 1: We add, then multiply. Expert 2: 46 + 37 = 83. 83 × 14 = 1162. "
        "Expert 3: (46 + 37) × 14 = 1162. The answer is 1162.",
        "tree": "Expert 1: 46 + 37 = 83. Expert 2: 46 + 37 = 83. Expert 3: I agree. "
        "Expert 1: 83 × 14 = 1162. Expert 2: 83 × 14 = 1162. Expert 3: I agree. "
        "The answer is 1162.",
        "decompose": "What do we get when we add? 46 + 37 = 83. "
        "What do we get when we multiply? 83 × 14 = 1162. The answer is 1162.",
        "logical": "(46 + 37) × 14 = 1162. The answer is 1162.",
        "break-down": "Step 1: 46 + 37 = 83. Step 2: 83 × 14 = 1162. The answer is 1162.",
        "puzzle": "The pieces are 46, 37 and 14. 46 + 37 = 83. 83 × 14 = 1162. The answer is 1162.",
        "scholars": "Scholar 1: 46 + 37 = 83. Scholar 2: 83 × 14 = 1162. "
        "Scholar 3: The answer is 1162.",
        "detective": "The clues are 46, 37 and 14. Case solved: (46 + 37) × 14 = 1162. "
        "The answer is 1162.",
        "maze": "Turn 1: add and reach 83. Turn 2: multiply and reach 1162. The answer is 1162.",
        "round-table": "Member 1: 83. Member 2: 1162. All agree. The answer is 1162.",
        "architect": "Plan: add, then multiply. 46 + 37 = 83. 83 × 14 = 1162. The answer is 1162.",
        "machine": "(46 + 37) × 14 = 1162. In parts: 46 + 37 = 83. 83 × 14 = 1162. "
        "The answer is 1162.",
        "philosophers": "The first says 1162. The second says 1162. The third says 1162. "
        "The answer is 1162.",
    }


def test_styles_without_working_do_not_show_it() -> None:
    assert not re.search("83|46|37", STYLES["philosophers"](TWO_STEPS))
    assert "83" not in STYLES["detective"](TWO_STEPS)
    assert step_by_step is STYLES["cot"]
