"""How an answer to each of the sixteen prompts is written.

Every style ends with "The answer is N." but goes there in its own way: at once, step by step, with
a plan or a check, in one expression, in several voices. Equations are computed while the answer is
written (``core.llms.embedded.calculator``); styles without equations go without. So prompts cost
different numbers of tokens and are better at different questions, as with other LLMs.
"""

from collections.abc import Callable
from fractions import Fraction

from core.embedded_training.questions.expressions import (
    Expression,
    Step,
    Symbol,
    inline,
    leaves,
    show,
    steps,
    value,
)

AnswerStyle = Callable[[Expression], str]

NOTHING = "There is nothing to compute in this question."
"""The answer, whatever the prompt, to what is no question of arithmetic in English."""
_INVERSE: dict[Symbol, Symbol] = {"+": "-", "-": "+", "×": "÷", "÷": "×"}
_VERB = {
    "+": "add",
    "-": "subtract",
    "×": "multiply",
    "÷": "divide",
    "div": "divide into whole parts",
    "mod": "keep the remainder",
}
_ORDINALS = ("first", "second", "third")


def _end(expression: Expression) -> str:
    return f"The answer is {show(value(expression))}."


def _steps(expression: Expression) -> str:
    return " ".join(f"{step}." for step in steps(expression))


def _line(expression: Expression) -> str:
    return f"{inline(expression)} = {show(value(expression))}"


def _plan(expression: Expression) -> str:
    return ", then ".join(_VERB[step.symbol] for step in steps(expression))


def direct(expression: Expression) -> str:
    """The number alone."""
    return _end(expression)


def step_by_step(expression: Expression) -> str:
    """One equation per step."""
    return f"{_steps(expression)} {_end(expression)}"


def with_check(expression: Expression) -> str:
    """Steps, then the last one undone."""
    last = steps(expression)[-1]
    if last.symbol not in _INVERSE:
        return step_by_step(expression)
    undone = Step(last.result, _INVERSE[last.symbol], last.right, last.left)
    return f"{_steps(expression)} Check: {undone}. {_end(expression)}"


def three_experts(expression: Expression) -> str:
    """One expert plans, one goes step by step, one writes a single expression."""
    return (
        f"Expert 1: We {_plan(expression)}. Expert 2: {_steps(expression)} "
        f"Expert 3: {_line(expression)}. {_end(expression)}"
    )


def tree(expression: Expression) -> str:
    """Two experts write each step before the next, a third agrees."""
    rounds = [
        f"Expert 1: {step}. Expert 2: {step}. Expert 3: I agree." for step in steps(expression)
    ]
    return f"{' '.join(rounds)} {_end(expression)}"


def sub_questions(expression: Expression) -> str:
    """Each step asked and answered."""
    asked = [f"What do we get when we {_VERB[step.symbol]}? {step}." for step in steps(expression)]
    return f"{' '.join(asked)} {_end(expression)}"


def logical(expression: Expression) -> str:
    """One expression."""
    return f"{_line(expression)}. {_end(expression)}"


def break_down(expression: Expression) -> str:
    """Numbered steps."""
    numbered = (f"Step {place}: {step}." for place, step in enumerate(steps(expression), start=1))
    return f"{' '.join(numbered)} {_end(expression)}"


def puzzle(expression: Expression) -> str:
    """The numbers first, then the steps."""
    return f"The pieces are {_listed(expression)}. {_steps(expression)} {_end(expression)}"


def scholars(expression: Expression) -> str:
    """Each scholar adds a step, the last one the answer."""
    voices = [f"Scholar {place}: {step}." for place, step in enumerate(steps(expression), start=1)]
    return f"{' '.join(voices)} Scholar {len(voices) + 1}: {_end(expression)}"


def detective(expression: Expression) -> str:
    """Clues, then one expression."""
    clues = f"The clues are {_listed(expression)}."
    return f"{clues} Case solved: {_line(expression)}. {_end(expression)}"


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
    return f"Plan: {_plan(expression)}. {_steps(expression)} {_end(expression)}"


def machine(expression: Expression) -> str:
    """The whole expression, then its steps as a second way."""
    return f"{_line(expression)}. In parts: {_steps(expression)} {_end(expression)}"


def philosophers(expression: Expression) -> str:
    """Three opinions about the number, without any equation."""
    number = show(value(expression))
    said = [f"The {place} says {number}." for place in _ORDINALS]
    return f"{' '.join(said)} {_end(expression)}"


def _listed(expression: Expression) -> str:
    numbers: list[Fraction] = list(leaves(expression))
    shown = [show(number) for number in numbers]
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]


STYLES: dict[str, AnswerStyle] = {
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
