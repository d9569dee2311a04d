"""Steps on large numbers taken apart by place value, as on paper."""

from fractions import Fraction

from core.embedded_training.expressions import Step, show

_TWO_DIGITS = 10


def by_parts(step: Step) -> str:
    """Write a step with one number taken apart: "36 × 14 = 36 × 10 + 36 × 4 = 360 + 144 = 504".

    A step on decimals or small numbers stays as it is.
    """
    if any(number.denominator != 1 for number in (step.left, step.right, step.result)):
        return str(step)
    if step.symbol == "×":
        return _product(step)
    if step.symbol == "÷":
        return _quotient(step)
    parts = _places(step.right)
    if len(parts) < 2 or step.left < _TWO_DIGITS:
        return str(step)
    head = step.left + parts[0] if step.symbol == "+" else step.left - parts[0]
    rest = step.right - parts[0]
    sign = step.symbol
    return (
        f"{show(step.left)} {sign} {show(step.right)} = "
        f"{show(step.left)} {sign} {show(parts[0])} {sign} {show(rest)} = "
        f"{show(head)} {sign} {show(rest)} = {show(step.result)}"
    )


def by_columns(step: Step) -> str:
    """Write a sum column by column from the ones: "46 + 37: 6 + 7 = 13, 40 + 30 = 70, …"."""
    whole = all(number.denominator == 1 for number in (step.left, step.right))
    if step.symbol != "+" or not whole or min(step.left, step.right) < _TWO_DIGITS:
        return by_parts(step) if step.symbol == "×" else str(step)
    left, right = (_columns(number) for number in (step.left, step.right))
    total, place, said = Fraction(0), 0, []
    while place < max(len(left), len(right)):
        one = left[place] if place < len(left) else Fraction(0)
        other = right[place] if place < len(right) else Fraction(0)
        said.append(f"{show(one)} + {show(other)} = {show(one + other)}")
        if place:
            said.append(f"{show(total)} + {show(one + other)} = {show(total + one + other)}")
        total += one + other
        place += 1
    return f"{show(step.left)} + {show(step.right)}: {', '.join(said)}"


def _product(step: Step) -> str:
    whole, taken = step.left, step.right
    if len(_places(taken)) < 2:
        whole, taken = taken, whole
    parts = _places(taken)
    if len(parts) < 2:
        return str(step)
    terms = " + ".join(f"{show(whole)} × {show(part)}" for part in parts)
    products = " + ".join(show(whole * part) for part in parts)
    return f"{show(step.left)} × {show(step.right)} = {terms} = {products} = {show(step.result)}"


def _quotient(step: Step) -> str:
    parts = _places(step.result)
    if len(parts) < 2:
        return str(step)
    terms = " + ".join(f"{show(part * step.right)} ÷ {show(step.right)}" for part in parts)
    quotients = " + ".join(show(part) for part in parts)
    return f"{show(step.left)} ÷ {show(step.right)} = {terms} = {quotients} = {show(step.result)}"


def _places(number: Fraction) -> list[Fraction]:
    """The non-zero place values from the largest: 504 gives 500 and 4."""
    return [part for part in reversed(_columns(number)) if part]


def _columns(number: Fraction) -> list[Fraction]:
    """The place values from the ones: 504 gives 4, 0 and 500."""
    digits = str(number.numerator)
    return [Fraction(int(digit)) * 10**place for place, digit in enumerate(reversed(digits))]
