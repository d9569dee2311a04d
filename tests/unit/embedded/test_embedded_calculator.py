"""The calculator that writes the results of equations which an answer has begun."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from test_embedded_questions import OPERATIONS

from core.embedded_training.answer_styles import STYLES
from core.embedded_training.questions.expressions import Expression, steps
from core.llms.embedded.calculator import Calculator, completion, written
from core.llms.embedded.files import read_tokenizer
from core.paths import FOLDER


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("3 × 12 =", "36"),
        ("3 × 12 - 5 =", "31"),
        ("First, 3 × 12 = 36. 36 - 5 =", "31"),
        ("Step 2: (4 + 5) × 3 =", "27"),
        ("2 × (60 - (12 + 8)) ÷ 4 =", "20"),
        ("15 ÷ 100 =", "0.15"),
        ("1 ÷ 8 =", "0.125"),
        ("10 ÷ 3 =", "3.33"),
        ("20 ÷ 3 =", "6.67"),
        ("2.50 + 1.5 =", "4"),
        ("0.1 + 0.2 =", "0.3"),
        ("5 - 9 =", "-4"),
        ("17 div 5 =", "3"),
        ("17 mod 5 =", "2"),
        ("12 / 4 =", "3"),
        ("12 * 4 =", "48"),
        ("36 = 30 + 6 =", "36"),
    ],
)
def test_an_equation_is_completed(text: str, result: str) -> None:
    assert completion(text) == result


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12 =",
        "3 × 12",
        "3 × 12 = 36",
        "apples + 3 =",
        "apples + 3 × 2 =",
        "5 ÷ 0 =",
        "5 mod (3 - 3) =",
        "(3 + 4 =",
        "3 + 4) =",
        "3 + 1.2.3 =",
        "999999999999 × 999999999999 =",
    ],
)
def test_nothing_is_written_where_nothing_can_be_computed(text: str) -> None:
    assert completion(text) is None


def test_the_longest_numbers_have_twelve_digits_before_the_point() -> None:
    assert written(Fraction(10**12 - 1)) == "9" * 12
    assert written(Fraction(10**12)) is None


@pytest.fixture(scope="module", params=["tiny", "shipped"])
def tokens(request: pytest.FixtureRequest, tiny_embedded: Path) -> Path:
    """The folder of a tokenizer."""
    return tiny_embedded if request.param == "tiny" else FOLDER / "embedded"


@settings(max_examples=30)
@given(OPERATIONS)
def test_every_equation_of_every_answer_style_is_one_that_it_completes(
    tokens: Path, expression: Expression
) -> None:
    # No question that it learns takes more steps.
    assume(len(steps(expression)) <= 8)
    tokenizer = read_tokenizer(tokens)
    calculator = Calculator(tokenizer)
    for style in STYLES.values():
        answer = tokenizer.encode(style(expression)).ids
        inserted = calculator.results(answer)
        for place in range(len(answer)):
            forced = calculator.next(answer[:place])
            assert forced == (answer[place] if inserted[place] else None)
        begun = sum(tokenizer.decode([token]).endswith("=") for token in answer)
        results = [place for place, one in enumerate(inserted) if one and not inserted[place - 1]]
        assert len(results) == begun
