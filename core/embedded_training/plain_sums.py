"""Questions that are arithmetic and nothing else."""

from random import Random

from core.embedded_training.expressions import Expression, Operation, inline
from core.embedded_training.phrases import Phrases, phrases
from core.embedded_training.vocabulary import factor, measure, number

_ANY = phrases(
    """What is {e}?
Calculate {e}.
{e}
{e} = ?
{e} =
Compute {e}.
How much is {e}?
What does {e} equal?
Solve {e}.
what's {e}
{e}?
calc {e}
what does {e} make""",
    """Work out {e}.
Please calculate {e}.
Tell me what {e} is.""",
)
_SPOKEN: dict[str, Phrases] = {
    "+": phrases(
        """What is {a} plus {b}?
Add {a} and {b}.
What is the sum of {a} and {b}?
{a} plus {b}
{b} more than {a} is what number?
Find the total of {a} and {b}.""",
        """How much is {a} and {b} together?
What do you get when you add {b} to {a}?""",
    ),
    "-": phrases(
        """What is {a} minus {b}?
Subtract {b} from {a}.
What is the difference between {a} and {b}?
{a} minus {b}
{a} take away {b} is what?
What number is {b} less than {a}?""",
        """How much is {a} less {b}?
What is left when you take {b} from {a}?""",
    ),
    "×": phrases(
        """What is {a} times {b}?
Multiply {a} by {b}.
What is the product of {a} and {b}?
{a} times {b}
How much is {a} multiplied by {b}?""",
        """How much is {a} times {b}?
What do you get when you multiply {a} and {b}?""",
    ),
    "÷": phrases(
        """What is {a} divided by {b}?
Divide {a} by {b}.
How many times does {b} go into {a}?
{a} divided by {b}
What is the quotient of {a} and {b}?""",
        """How much is {a} divided by {b}?
What do you get when you divide {a} by {b}?""",
    ),
}
_SIGNS = {
    "×": ("×", "*", "x", "*"),
    "÷": ("÷", "/", "/", ":"),
    "+": ("+",),
    "-": ("-", "-", "−"),
}


def one_step(random: Random) -> Operation:
    """An operation whose result is not negative and has few decimals."""
    symbol = random.choice("+-×÷")
    decimal = random.random() < 0.15
    if symbol == "+":
        draw = measure if decimal else number
        return Operation("+", draw(random), draw(random))
    if symbol == "-":
        draw = measure if decimal else number
        low, high = sorted((draw(random), draw(random)))
        return Operation("-", high, low)
    small = factor(random)
    large = number(random) if random.random() < 0.6 else factor(random)
    if decimal and symbol == "×":
        large = round(measure(random), 1)
    if symbol == "×":
        return Operation("×", *random.sample((small, large), 2))
    return Operation("÷", small * large, small)


def several_steps(random: Random) -> Expression:
    """Two operations, brackets allowed."""
    inner = one_step(random)
    small = factor(random)
    shape = random.randrange(4)
    if shape == 0:
        return Operation("+", *random.sample((inner, number(random)), 2))
    if shape == 1:
        return Operation("×", inner, small)
    if shape == 2:
        return Operation("-", number(random) + 100, inner)
    return Operation("÷", Operation("+", small * number(random) - 1, small + 1), small)


def question(random: Random, expression: Expression, unseen: bool) -> str:
    """Ask for the value of an expression in signs or in words."""
    simple = isinstance(expression, Operation) and not any(
        isinstance(side, Operation) for side in (expression.left, expression.right)
    )
    if simple and random.random() < 0.5:
        spoken = _SPOKEN[expression.symbol].draw(random, unseen)
        return spoken.format(a=inline(expression.left), b=inline(expression.right))
    written = inline(expression)
    for symbol, signs in _SIGNS.items():
        written = written.replace(symbol, random.choice(signs))
    if random.random() < 0.3:
        written = written.replace(" ", "")
    return _ANY.draw(random, unseen).format(e=written)
