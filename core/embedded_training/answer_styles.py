"""How an answer to each of the sixteen prompts is written.

Every manner ends with "The answer is N." but goes there in its own way: at once, step by step, with
a check, by splitting numbers, in several voices. They cost different numbers of tokens and leave
different amounts of arithmetic to a single step, so that an LLM that learns them is better with
one prompt here and with another there, as LLMs are.
"""

from collections.abc import Callable
from fractions import Fraction

from core.embedded_training.expressions import (
    Expression,
    Operation,
    Step,
    Symbol,
    inline,
    leaves,
    reduced,
    show,
    steps,
    value,
)
from core.embedded_training.place_value import by_columns, by_parts

Manner = Callable[[Expression], str]

_INVERSE: dict[Symbol, Symbol] = {"+": "-", "-": "+", "×": "÷", "÷": "×"}
_VERB = {"+": "add", "-": "subtract", "×": "multiply", "÷": "divide"}
_ORDINALS = ("first", "second", "third")


def _end(expression: Expression) -> str:
    return f"The answer is {show(value(expression))}."


def _sentences(parts: list[str]) -> str:
    return " ".join(f"{part}." for part in parts)


def _steps(expression: Expression) -> str:
    return _sentences([str(step) for step in steps(expression)])


def direct(expression: Expression) -> str:
    """The number alone."""
    return _end(expression)


def step_by_step(expression: Expression) -> str:
    """One equation per step."""
    return f"{_steps(expression)} {_end(expression)}"


def with_check(expression: Expression) -> str:
    """Steps, then the last one undone."""
    last = steps(expression)[-1]
    undone = Step(last.result, _INVERSE[last.symbol], last.right, last.left)
    return f"{_steps(expression)} Check: {undone}. {_end(expression)}"


def three_experts(expression: Expression) -> str:
    """Three experts work the whole question out, one after the other."""
    chain = ", ".join(str(step) for step in steps(expression))
    line = f"{inline(expression)} = {show(value(expression))}"
    return f"Expert 1: {chain}. Expert 2: {line}. Expert 3: {chain}. They agree. {_end(expression)}"


def tree(expression: Expression) -> str:
    """Three experts agree on each step before the next."""
    rounds = [
        f"Expert 1: {step}. Expert 2: {step}. Expert 3: I agree on {show(step.result)}."
        for step in steps(expression)
    ]
    return f"{' '.join(rounds)} {_end(expression)}"


def sub_questions(expression: Expression) -> str:
    """Each step asked and answered."""
    asked = [
        f"What is {show(step.left)} {step.symbol} {show(step.right)}? It is {show(step.result)}."
        for step in steps(expression)
    ]
    return f"{' '.join(asked)} {_end(expression)}"


def logical(expression: Expression) -> str:
    """One expression, simplified until it is a number."""
    forms = [inline(expression)]
    while isinstance(expression, Operation):
        expression = reduced(expression)
        forms.append(inline(expression))
    return f"{' = '.join(forms)}. {_end(expression)}"


def break_down(expression: Expression) -> str:
    """Steps in which large numbers are taken apart."""
    return f"{_sentences([by_parts(step) for step in steps(expression)])} {_end(expression)}"


def puzzle(expression: Expression) -> str:
    """The numbers first, then the steps."""
    return f"The pieces are {_listed(expression)}. {_steps(expression)} {_end(expression)}"


def scholars(expression: Expression) -> str:
    """Each scholar adds a step, the last one the answer."""
    voices = [f"Scholar {place}: {step}." for place, step in enumerate(steps(expression), start=1)]
    return f"{' '.join(voices)} Scholar {len(voices) + 1}: {_end(expression)}"


def detective(expression: Expression) -> str:
    """Clues, the whole expression, and its value in one go."""
    solved = f"{inline(expression)} = {show(value(expression))}"
    return f"The clues are {_listed(expression)}. Case solved: {solved}. {_end(expression)}"


def maze(expression: Expression) -> str:
    """What to do at each turn and where it leads, without the equation."""
    turns = [
        f"Turn {place}: {_VERB[step.symbol]} and reach {show(step.result)}."
        for place, step in enumerate(steps(expression), start=1)
    ]
    return f"{' '.join(turns)} {_end(expression)}"


def round_table(expression: Expression) -> str:
    """Results only, each told by the next member."""
    told = [
        f"Member {place}: {show(step.result)}."
        for place, step in enumerate(steps(expression), start=1)
    ]
    return f"{' '.join(told)} All agree. {_end(expression)}"


def architect(expression: Expression) -> str:
    """What will be done, then the doing."""
    plan = ", then ".join(_VERB[step.symbol] for step in steps(expression))
    return f"Plan: {plan}. {_steps(expression)} {_end(expression)}"


def machine(expression: Expression) -> str:
    """Steps worked out column by column, the smallest place first."""
    return f"{_sentences([by_columns(step) for step in steps(expression)])} {_end(expression)}"


def philosophers(expression: Expression) -> str:
    """Three opinions about the number, without any working."""
    number = show(value(expression))
    said = [f"The {place} says {number}." for place in _ORDINALS]
    return f"{' '.join(said)} {_end(expression)}"


def _listed(expression: Expression) -> str:
    numbers: list[Fraction] = list(leaves(expression))
    shown = [show(number) for number in numbers]
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]


MANNERS: dict[str, Manner] = {
    "direct": direct,
    "cot": step_by_step,
    "ape": with_check,
    "experts": three_experts,
    "tree": tree,
    "decompose": sub_questions,
    "logical": logical,
    "break-down": break_down,
    "puzzle": puzzle,
    "scholars": scholars,
    "detective": detective,
    "maze": maze,
    "round-table": round_table,
    "architect": architect,
    "machine": machine,
    "philosophers": philosophers,
}
"""By prompt id; any other prompt is answered step by step."""
