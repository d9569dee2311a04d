"""Sixteen ways to write an answer: each is read as the right number, each is true arithmetic."""

import re
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from test_embedded_questions import EXPRESSIONS, OPERATIONS, calculated

from core.embedded_training import stories
from core.embedded_training.answer_styles import STYLES, AnswerStyle, step_by_step
from core.embedded_training.expressions import (
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
WITHOUT_EQUATIONS = {"direct", "decompose", "maze", "round-table", "philosophers"}

every_manner = pytest.mark.parametrize(
    "manner", [pytest.param(manner, id=name) for name, manner in STYLES.items()]
)


def _equations(answer: str) -> list[str]:
    """The chains of equalities in an answer, each of which is arithmetic alone."""
    parts = re.split(r"[,:?]|\.(?= |$)", answer)
    return [part for part in parts if "=" in part]


def test_every_prompt_has_a_manner_of_its_own() -> None:
    assert list(STYLES) == [prompt.id for prompt in PROMPTS]
    assert len({manner(TWO_STEPS) for manner in STYLES.values()}) == len(PROMPTS)


def test_manners_cost_very_different_numbers_of_characters() -> None:
    lengths = {name: len(manner(TWO_STEPS)) for name, manner in STYLES.items()}
    assert len(set(lengths.values())) >= 13
    assert min(lengths, key=lengths.get) == "direct"
    assert max(lengths.values()) > 6 * lengths["direct"]


@given(OPERATIONS)
def test_every_answer_is_read_as_the_value(expression: Expression) -> None:
    for name, manner in STYLES.items():
        assert extract(manner(expression)) == value(expression), name


@given(OPERATIONS)
def test_every_equation_in_every_answer_is_true(expression: Expression) -> None:
    for name, manner in STYLES.items():
        equations = _equations(manner(expression))
        assert bool(equations) == (name not in WITHOUT_EQUATIONS), name
        for equation in equations:
            assert len({calculated(side) for side in equation.split("=")}) == 1, (name, equation)


@pytest.mark.parametrize("unseen", [False, True])
def test_questions_of_the_project_are_answered_rightly_in_every_manner(unseen: bool) -> None:
    random = Random(11)
    for _ in range(150):
        question = stories.question(random, unseen=unseen)
        for name, manner in STYLES.items():
            answer = manner(question.expression)
            assert extract(answer) == value(question.expression), (name, question)
            for equation in _equations(answer):
                assert len({calculated(side) for side in equation.split("=")}) == 1, equation


@every_manner
def test_an_answer_ends_with_the_number_and_nothing_after_it(manner: AnswerStyle) -> None:
    assert manner(TWO_STEPS).endswith("The answer is 1162.")
    assert "\n" not in manner(TWO_STEPS)


@given(OPERATIONS)
def test_the_working_reaches_every_result_on_the_way(expression: Expression) -> None:
    """In all manners but those whose point is to leave the working out."""
    for name in STYLES.keys() - {"direct", "detective", "philosophers"}:
        said = set(re.findall(r"\d+(?:\.\d+)?", STYLES[name](expression)))
        assert {show(step.result) for step in steps(expression)} <= said, name


@given(EXPRESSIONS)
def test_the_simplified_expression_shrinks_to_the_number(expression: Expression) -> None:
    forms = STYLES["logical"](expression).split(". The answer")[0].split(" = ")
    assert forms[0] == inline(expression)
    assert forms[-1] == show(value(expression))
    assert len(forms) == len(steps(expression)) + 1


@given(OPERATIONS)
def test_the_check_leads_back_to_where_the_last_step_began(expression: Expression) -> None:
    check = STYLES["ape"](expression).split("Check: ")[1].split(". ")[0]
    last = steps(expression)[-1]
    assert check.split(" ")[0] == show(last.result)
    assert check.split(" = ")[1] == show(last.left)


@given(OPERATIONS)
def test_sub_questions_are_answered_rightly(expression: Expression) -> None:
    answer = STYLES["decompose"](expression)
    asked = re.findall(r"What is ([^?]+)\? It is ([\d.]+)\.(?: |$)", answer)
    assert [Fraction(said) for _, said in asked] == [calculated(question) for question, _ in asked]
    assert len(asked) == len(steps(expression))


@pytest.mark.parametrize(("name", "word"), [("puzzle", "pieces"), ("detective", "clues")])
def test_the_numbers_are_listed_first(name: str, word: str) -> None:
    assert STYLES[name](TWO_STEPS).startswith(f"The {word} are 46, 37 and 14. ")
    assert [*leaves(TWO_STEPS)] == [46, 37, 14]


def test_the_manners_are_written_as_their_prompts_ask() -> None:
    assert {name: manner(TWO_STEPS) for name, manner in STYLES.items()} == {
        "direct": "The answer is 1162.",
        "cot": "46 + 37 = 83. 83 × 14 = 1162. The answer is 1162.",
        "ape": "46 + 37 = 83. 83 × 14 = 1162. Check: 1162 ÷ 14 = 83. The answer is 1162.",
        "experts": "Expert 1: 46 + 37 = 83, 83 × 14 = 1162. Expert 2: (46 + 37) × 14 = 1162. "
        "Expert 3: 46 + 37 = 83, 83 × 14 = 1162. They agree. The answer is 1162.",
        "tree": "Expert 1: 46 + 37 = 83. Expert 2: 46 + 37 = 83. Expert 3: I agree on 83. "
        "Expert 1: 83 × 14 = 1162. Expert 2: 83 × 14 = 1162. Expert 3: I agree on 1162. "
        "The answer is 1162.",
        "decompose": "What is 46 + 37? It is 83. What is 83 × 14? It is 1162. The answer is 1162.",
        "logical": "(46 + 37) × 14 = 83 × 14 = 1162. The answer is 1162.",
        "break-down": "46 + 37 = 46 + 30 + 7 = 76 + 7 = 83. "
        "83 × 14 = 83 × 10 + 83 × 4 = 830 + 332 = 1162. The answer is 1162.",
        "puzzle": "The pieces are 46, 37 and 14. 46 + 37 = 83. 83 × 14 = 1162. The answer is 1162.",
        "scholars": "Scholar 1: 46 + 37 = 83. Scholar 2: 83 × 14 = 1162. "
        "Scholar 3: The answer is 1162.",
        "detective": "The clues are 46, 37 and 14. Case solved: (46 + 37) × 14 = 1162. "
        "The answer is 1162.",
        "maze": "Turn 1: add and reach 83. Turn 2: multiply and reach 1162. The answer is 1162.",
        "round-table": "Member 1: 83. Member 2: 1162. All agree. The answer is 1162.",
        "architect": "Plan: add, then multiply. 46 + 37 = 83. 83 × 14 = 1162. The answer is 1162.",
        "machine": "46 + 37: 6 + 7 = 13, 40 + 30 = 70, 13 + 70 = 83. "
        "83 × 14 = 83 × 10 + 83 × 4 = 830 + 332 = 1162. The answer is 1162.",
        "philosophers": "The first says 1162. The second says 1162. The third says 1162. "
        "The answer is 1162.",
    }


def test_manners_without_working_do_not_show_it() -> None:
    assert not re.search("83|46|37", STYLES["philosophers"](TWO_STEPS))
    assert "83" not in STYLES["detective"](TWO_STEPS)
    assert step_by_step is STYLES["cot"]
