"""Final numbers as reasoning models, agents, LaTeX and other countries write them."""

import pytest

from core.errors import DataError
from core.grading.final_answer import canonical, extract, parse_gold
from core.grading.number_words import last_number
from core.grading.reply import reply

READ = [
    ("<think>9 * 2 = 18. Check: 18 / 2 = 9.</think>\nJanet makes $18 every day.", "18"),
    ("<think>the answer is 9", "None"),
    ("9 * 2 = 18. Check 9</think>\n\nThe result: 18", "18"),
    ("<answer>18</answer>", "18"),
    ("<think>7</think><answer>\n18\n</answer>", "18"),
    ("<reasoning>3+4=7</reasoning> It is 12.", "12"),
    ("[THINK]5[/THINK]18", "18"),
    (
        "<|channel|>analysis<|message|>2+2=5<|end|><|start|>assistant"
        "<|channel|>final<|message|>It is 18.<|return|>",
        "18",
    ),
    ("<|channel|>analysis<|message|>2+2=5", "None"),
    ("analysisWe compute 5.assistantfinal**18**", "18"),
    (
        "Thought: 3+4=7\nAction: calc\nAction Input: 3+4\nObservation: 7\n"
        "Thought: I know\nFinal Answer: 18",
        "18",
    ),
    ("Thought: I need 3+4\nAction: calc", "None"),
    ("The answer, rounded to 2 decimal places, is 42.13.", "42.13"),
    ("The answer to question 3 is 42.", "42"),
    ("The final answer after all 4 steps is 42.", "42"),
    ("The answer for part 2 is: 42", "42"),
    ("the price after a 20% discount is 42 dollars", "42"),
    ("**Answer: 18**\n\nWorking:\n16 - 3 - 4 = 9\n9*1 = 9", "18"),
    ("42 = 3 x 14", "42"),
    ("We add.\nA: 18", "18"),
    ("16-3=13\nA: 18", "18"),
    ("\\frac12", "0.5"),
    ("\\boxed{\\frac 3 4}", "0.75"),
    ("$\\frac{ 3 }{ 4 }$", "0.75"),
    ("\\boxed{\\frac{2.5}{5}}", "0.5"),
    ("\\boxed{1.5 \\times 10^{3}}", "1500"),
    ("\\boxed{12\\ 500}", "12500"),
    ("\\boxed{84 \\div 2}", "42"),
    ("\\boxed{\\text{18 apples}}", "18"),
    ("\\boxed{\\$18}", "18"),
    ("\\boxed{\\dfrac{3}{4}}", "0.75"),
    ("\\[ x = \\boxed{1{,}234} \\]", "1234"),
    ("The area is 24 cm^2.", "24"),
    ("It has 24 m² of lawn.", "24"),
    ("24 ft^{2}", "24"),
    ("The volume is 8 m^3", "8"),
    ("It is 1,25,000 rupees", "125000"),
    ("Es sind 1.234,50 €", "1234.5"),
    ("The answer is 3,5", "3.5"),
    ("1'234.50", "1234.5"),
    ("\uff14\uff12", "42"),
    ("٤٢", "42"),
    ("$20k", "20000"),
    ("It costs $1.5M", "1500000"),
    ("5 hundred", "500"),
    ("The answer is twelve.", "12"),
    ("twenty-five", "25"),
    ("one hundred and five apples", "105"),
    ("The answer is minus 5", "-5"),
    ("negative 5", "-5"),
    ("The answer is − 5", "-5"),
    ("x = - 5", "-5"),
    ("#### 45\n\nQuestion: Tom has 5 #### 5", "45"),
    ("The answer is not 40, but 42.", "42"),
    ("The answer is 42, not 40.", "42"),
    ("The answer is 45.\n\nQ: Next?\nA: 7", "45"),
]


@pytest.mark.parametrize(("text", "number"), READ, ids=[text[:40] for text, _ in READ])
def test_the_stated_number_is_read(text: str, number: str) -> None:
    value = extract(text)
    assert ("None" if value is None else canonical(value)) == number


@pytest.mark.parametrize(
    ("gold", "number"), [("− 3", -3), ("- 3", -3), ("minus 3", -3), ("1'234", 1234), ("4,2", 4.2)]
)
def test_a_gold_keeps_its_sign_and_its_marks(gold: str, number: float) -> None:
    assert parse_gold(gold) == pytest.approx(number)


def test_a_gold_of_two_numbers_is_refused() -> None:
    with pytest.raises(DataError, match="3 or 4"):
        parse_gold("3 or 4")


def test_questions_that_an_llm_asks_itself_on_the_way_are_part_of_its_reply() -> None:
    text = "Question: How many boxes?\nThere are 6.\nQuestion: How many pens?\n6 x 7 = 42 pens."
    assert reply(text) == text


@pytest.mark.parametrize("piece", ["<think>", "</think>", "<answer>", "Thought: 1\n", "\nQ: 1"])
def test_long_repetitions_of_marks_are_read_in_linear_time(piece: str) -> None:
    assert len(reply(piece * 20_000)) <= len(piece) * 20_000


def test_words_make_numbers() -> None:
    assert last_number("two thousand three hundred and twelve") == 2312
    assert last_number("none at all") is None
