r"""Read the final number of an LLM's answer, and grade it.

Models close with "so she pays **$1,234**.", "\boxed{3/4}" or "= 42 apples. I hope this helps!".
`extract` looks for the strongest sign of a final answer that a text has; `published_extract` is
the reading behind the published labels, kept to reproduce them.
"""

import re
from fractions import Fraction

from core.errors import DataError
from core.grading.equations import expression_value
from core.grading.number_words import last_number
from core.grading.numbers import Number, numbers, sentences, without_labels, without_markup
from core.grading.reply import reply
from core.grading.spelling import spelled_out

TOLERANCE = Fraction(1, 10**6)
"""Relative to the larger of 1 and the correct answer."""
_DECIMALS = 6
_WORDS_ALONE = 120
"""Characters of the longest answer whose number is looked for in words."""

_PUBLISHED_NUMBER = re.compile(r"\d*\.?\d+")

# A heading of Markdown starts with #### too, hence the number that has to follow.
_MARKED = re.compile(
    r"\\boxed\s?+\{(?P<boxed>(?>(?:[^{}]|\{[^{}]*+\})*))|####\s*+(?=[-−–$€£¥.]*+\d)(?P<line>[^\n#]*+)"
)
_FINAL_ANSWER = re.compile(r"\bfinal answer\b", re.IGNORECASE)
_ANSWER = re.compile(r"\banswer\b", re.IGNORECASE)
_CONCLUSION = re.compile(
    r"\W*+(?>(?:(?:and|but|now),? )?)"
    r"(?:therefore|thus|hence|so|overall|finally|in total|in conclusion)\b",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"[\W_]*+the (?:total|sum|result)\b[^\n=\d]*?\b(?:is|was|comes to|equals)(?= [$€£]?\d)",
    re.IGNORECASE,
)
_CALCULATED = re.compile(r"\d[^\n=\d]{,20}?[-+*/×÷x][^\n=\d]{,20}?\d[^\n=]{,40}=", re.IGNORECASE)
"""Beside such an equality "the total is" tells of a step as often as of the answer."""
_FOR_A_TOTAL = re.compile(r"\bfor a (?:combined |grand )?total\b", re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]*+\)?")
_QUALIFIER = re.compile(
    r"\s*+,?\s*+\b(?:to|after|for|in|on|with|when|rounded|given|from|as)\b[^\n=:]{,60}?"
    r"(?:\b(?:is|are|was|equals|comes to)\b|[:=])",
    re.IGNORECASE,
)
"""Between "the answer" and the answer: "rounded to 2 decimal places, is", "to question 3 is"."""
_FIRST = re.compile(r"\s*+[\W_]*+(?:final )?answer[\W_]*?:[\W_]*+(?=[$€£\d-])", re.IGNORECASE)
"""An answer that is given first, with its working after it."""
_LAST_LINE = re.compile(r"(?:^|\n)[ \t*]*+A\**:[ \t*]*+(?P<answer>[^\n]*\d[^\n]*)\s*$")
_PREMISE = re.compile(
    r"[\W_]*+(?:after|before|in|for|if|when|since|because|with|given|on|at|by|from|out of|as|once"
    r"|while|assuming|during|over|within)\b(?:(?>(?:[^,]|,(?=\d{3}\b))*),(?!\d{3}\b)"
    r"|[^,\d]{,40}?[$€£]?\d[\d.]*+%?(?: [a-z-]++)?? (?=(?:he|she|they|it|we|you|there)\b))"
    r"|[\W_]*+each of (?:the |his |her |their )?\d++ [a-z]++ ",
    re.IGNORECASE,
)
"""Under what a conclusion holds, before it: "after 3 days," "in 3 days he", "each of the 6"."""
_MOST_PREMISES = 3
_INNER_PREMISE = re.compile(
    r"\b(?:after|for|with|in|at|from) (?>(?:(?:a|an|the|all|those|these|his|her|their) )?)"
    r"[$€£]?\d[\d.,]*+%?(?: [a-z'-]++){,4}? (?:is|are|was|were|will be|would be|comes to|equals)"
    r" (?=(?:now |only |about |exactly )?[$€£]?\d)",
    re.IGNORECASE,
)
"""The same between subject and verb: "the price after a 20% discount is"."""
_DENIED = re.compile(r"\bnot [$€£]?\d[\d.,]* but (?:rather )?(?=[$€£]?\d)", re.IGNORECASE)
_MADE_OF = re.compile(
    r"\s*+(?P<result>[$€£]?\d[\d,.]*+)\s*+=\s*+[$€£]?\d[\d,.]*+\s*+[-+*/×÷x]\s*+[$€£]?\d[\d,.]*+\W*+$",
    re.IGNORECASE,
)


def extract(answer: str) -> Fraction | None:
    r"""Return the final number of an answer, None when it has no number.

    Thoughts before the reply and questions after it are left out. In this order: the last number
    in \boxed{} or after ####; an answer given first; a last line "A: …"; the last "final answer";
    the later of the last statement ("the answer is …", a sentence that starts with "therefore",
    "so", …) and the last result of an equality; the last number; of a short text without digits
    the last number in words.
    """
    text = without_markup(spelled_out(reply(answer)))
    boxed = _marked(text)
    if boxed is not None:
        return boxed
    parts = sentences(without_labels(text))
    if _FIRST.match(text) and (first := numbers(_FIRST.sub("", text, count=1).partition("\n")[0])):
        return first[0].value
    if (last := _LAST_LINE.search(text)) and (closing := numbers(last["answer"])):
        return _result(last["answer"]) or closing[0].value
    concluded = _concluded(parts)
    if concluded is not None:
        return concluded
    found = [number.value for part in parts for number in numbers(part)]
    if found:
        return found[-1]
    # Longer texts without a digit are refusals and talk, in which "one" counts nothing.
    short = len(text) <= _WORDS_ALONE and not any(map(str.isdigit, text))
    spelled = last_number(text) if short else None
    return None if spelled is None else Fraction(spelled)


def marked(answer: str) -> Fraction | None:
    r"""Return the last number in \boxed{} or after #### alone, None when there is none."""
    return _marked(without_markup(spelled_out(reply(answer))))


def _marked(text: str) -> Fraction | None:
    found = [match["boxed"] or match["line"] or "" for match in _MARKED.finditer(text)]
    values = [expression_value(one.strip("$ .")) or _result("=" + one) for one in found]
    return next((value for value in reversed(values) if value is not None), None)


def _concluded(parts: list[str]) -> Fraction | None:
    """The number of the last "final answer", else the later of last statement and last result."""
    concluded = final = None
    results: list[Fraction] = []
    calculated = any(map(_CALCULATED.search, parts))
    for part in parts:
        stated = _stated(part, results, calculated)
        equal = _result(part)
        if equal is not None:
            concluded = equal
            results.append(equal)
        if stated is not None:
            concluded = stated
            if _FINAL_ANSWER.search(part):
                final = stated
    return concluded if final is None else final


def _stated(part: str, results: list[Fraction], calculated: bool) -> Fraction | None:
    """The number that a sentence states as its answer, None when it is no statement.

    Args:
        part: The sentence.
        results: Those of equalities before it.
        calculated: Whether the answer has a calculated equality: a total then counts only where it
            sums up several results.
    """
    cue = next(reversed(list(_ANSWER.finditer(part))), None)
    if cue is None:
        cue = _CONCLUSION.match(part) or _TOTAL.match(part)
    if cue is None:
        return None
    said = _said(part, cue, results[-1] if results else None)
    sums_up = len(set(results)) > 1 and said == sum(results)
    return None if cue.re is _TOTAL and calculated and not sums_up else said


def _said(part: str, cue: re.Match[str], result: Fraction | None) -> Fraction | None:
    """The number of a statement beside its cue; ``result`` is that of the equality before it."""
    # "The answer is 42", and "42 is the answer".
    part = _DENIED.sub(lambda match: " " * len(match.group()), part)
    after = part[cue.end() :]
    if cue.re is _ANSWER and (qualifier := _QUALIFIER.match(after)):
        after = after[qualifier.end() :] if numbers(after[qualifier.end() :]) else after
    if all(number.value != result for number in numbers(after)):
        after = _without_premise(after)
    for text in (after, part[: cue.start()]):
        plain = _ASIDE.sub(" ", text)
        for candidate in (plain, text):
            if found := numbers(candidate):
                return (
                    _result(candidate) if "=" in candidate else _offered(candidate, found, result)
                )
    return None


def _without_premise(text: str) -> str:
    """What a statement says after what it says it under, where a number is left then."""
    for _ in range(_MOST_PREMISES):
        premise = _PREMISE.match(text)
        if premise is None or not numbers(text[premise.end() :]):
            break
        text = text[premise.end() :]
    inner = _INNER_PREMISE.search(text)
    return text if inner is None or numbers(text[: inner.start()]) else text[inner.end() :]


def _offered(text: str, found: list[Number], result: Fraction | None) -> Fraction:
    """Choose among the numbers of a statement.

    The one after "for a total"; one that repeats the last result; an amount of money; the first.
    """
    found = numbers(_FOR_A_TOTAL.split(text)[-1]) or found
    repeated = next((number for number in found if number.value == result), None)
    money = next((number for number in found if number.is_money), None)
    return (repeated or money or found[0]).value


def _result(text: str) -> Fraction | None:
    """The first number after the last equals sign that a number follows.

    Where a number alone is set equal to what makes it ("42 = 3 x 14") it is that number.
    """
    made = _MADE_OF.match(text)
    if made:
        return numbers(made["result"])[0].value
    for side in reversed(text.split("=")[1:]):
        if found := numbers(side):
            return found[0].value
    return None


def canonical(value: Fraction) -> str:
    """Write a number so that equal answers are equal texts: "18", "-0.75", "0.333333"."""
    if value.denominator == 1:
        return str(value.numerator)
    scaled = round(value * 10**_DECIMALS)
    whole, decimals = divmod(abs(scaled), 10**_DECIMALS)
    text = f"{whole}.{decimals:0{_DECIMALS}d}".rstrip("0").rstrip(".")
    return f"-{text}" if scaled < 0 else text


def parse_gold(gold: str | float | Fraction) -> Fraction:
    """Read a data set's correct answer: "1,234", "$5", 18.0, "3/4", or a solution with "#### 18".

    Raises:
        DataError: it is not one number.
    """
    if isinstance(gold, str):
        found = numbers(without_markup(spelled_out(gold.rpartition("####")[2].strip())))
        if len(found) == 1:
            return found[0].value
    else:
        try:
            return Fraction(str(gold))
        except ValueError:
            pass
    raise DataError(
        f"The correct answer {gold!r} is not one number; write it like 18, 1,234 or 3/4."
    )


def grade(predicted: Fraction | None, gold: str | float | Fraction) -> bool:
    """Whether an extracted number equals the correct answer within ``TOLERANCE``.

    Raises:
        DataError: the correct answer is not one number.
    """
    correct = parse_gold(gold)
    if predicted is None:
        return False
    return abs(predicted - correct) <= TOLERANCE * max(Fraction(1), abs(correct))


def published_extract(answer: str) -> str | None:
    """The last run of digits, as the published labels were made: no commas, no minus signs."""
    found = _PUBLISHED_NUMBER.findall(answer)
    return found[-1] if found else None


def published_grade(answer: str, gold: str) -> bool:
    """Grade as the published labels do: "1,234" counts as 234, in answer and gold alike."""
    number, correct = published_extract(answer), published_extract(gold)
    return number is not None and correct is not None and float(number) == float(correct)
