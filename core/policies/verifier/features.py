"""What an answer's text shows of whether it is right; nothing here knows the correct answer."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

import numpy as np

from core.grading.equations import values
from core.grading.expressions import is_number, number
from core.grading.numbers import numbers, sentences, without_labels, without_markup
from core.grading.repair import repair
from core.grading.reply import reply
from core.grading.sides import links
from core.grading.spelling import spelled_out
from core.grading.working import read_working
from core.policies.verifier.question import Question, read_question

_SIGNS = "+-*/"
_NUMERAL = re.compile(r"-?\d{1,300}(?:\.\d{1,6})?")
_AMOUNT = re.compile(r"[$€£]\s?\d|\d\s?(?:dollars?|cents?)")
_CONCLUSION = re.compile(r"\b(?:therefore|thus|so|hence|total)\b", re.IGNORECASE)
_STEP = re.compile(r"\bstep\b|^\s*\d+[.)]", re.IGNORECASE | re.MULTILINE)
_VOICE = re.compile(
    r"\b(?:expert|scholar|philosopher|detective|guide|architect|team)\b", re.IGNORECASE
)
_UNKNOWN = re.compile(r"\b[xyzn] ?=|\blet [xyzn]\b", re.IGNORECASE)


def read(query: str, text: str | None, answer: str | None) -> np.ndarray | None:
    """Features of an answer, shape (len(FEATURES),), read-only.

    Args:
        query: The question.
        text: All that was answered.
        answer: Its final number, as ``final_answer.canonical`` writes it.

    Returns:
        None where text or answer is unknown, or the answer is no number.
    """
    if text is None or answer is None or _NUMERAL.fullmatch(answer) is None:
        return None
    return _read(query, text, answer)


@lru_cache(maxsize=2**16)
def _read(query: str, text: str, answer: str) -> np.ndarray:
    """The same of a number; recent ones are remembered."""
    row = np.array(list(_features(query, text, answer).values()), dtype=float)
    row.flags.writeable = False
    return row


def _features(query: str, text: str, answer: str) -> dict[str, float]:
    question, size = read_question(query), Fraction(answer)
    body = without_markup(spelled_out(reply(text)))
    plain = without_labels(body)
    found = [one.value for one in numbers(plain)]
    sums = _sums(body, question)
    return (
        _equations(query, text, answer)
        | sums.features(question)
        | _numbers(found, sums, size, question)
        | _size(size, question)
        | _words(text, [part for part in sentences(plain) if part.strip()], size, question)
        | _asked(question)
    )


def _equations(query: str, text: str, answer: str) -> dict[str, float]:
    """Whether the equations hold, and whether they come to the answer."""
    working = read_working(text)
    return {
        "equations": working.equations,
        "wrong": working.wrong,
        "mended": len(repair(text, query).mends),
        "concluded": working.last == answer,
        "among_results": answer in working.results,
        "not_read": text.count("=") - working.equations,
    }


@dataclass
class _Sums:
    """What the left sides of the equations are made of.

    Attributes:
        signs: How often each sign occurs.
        given: Numbers of the question that are used.
        results: What the equations come to, in their order.
        of_question, of_results, of_nowhere: How many operands come from where.
        chained: Equations that use the result of the one before.
    """

    signs: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_SIGNS, 0))
    given: set[Fraction] = field(default_factory=set)
    results: list[Fraction] = field(default_factory=list)
    of_question: int = 0
    of_results: int = 0
    of_nowhere: int = 0
    chained: int = 0

    def read(self, left: Sequence[str], result: Fraction, question: Question) -> None:
        """Take note of an equation."""
        operands = [number(token.rstrip("% ")) for token in left if is_number(token)]
        for sign in self.signs:
            self.signs[sign] += left.count(sign)
        for operand in operands:
            if operand in self.results:
                self.of_results += 1
            elif operand in question.given:
                self.of_question += 1
                self.given.add(operand)
            else:
                self.of_nowhere += 1
        self.chained += bool(self.results) and self.results[-1] in operands
        self.results.append(result)

    def features(self, question: Question) -> dict[str, float]:
        """Shares and counts."""
        operands = self.of_question + self.of_results + self.of_nowhere
        return {
            **{f"sign_{name}": self.signs[sign] for name, sign in zip("asmd", _SIGNS, strict=True)},
            "operands": operands,
            "from_question": self.of_question / max(1, operands),
            "from_results": self.of_results / max(1, operands),
            "from_nowhere": self.of_nowhere,
            "chained": self.chained / max(1, len(self.results)),
            "computed_with": len(self.given) / max(1, len(question.given)),
            "not_computed_with": len(question.given) - len(self.given),
        }


def _sums(body: str, question: Question) -> _Sums:
    found = _Sums()
    for link in links(body):
        sides = values(link)
        if sides is not None:
            found.read(link.left, sides[1], question)
    return found


def _numbers(
    found: Sequence[Fraction], sums: _Sums, size: Fraction, question: Question
) -> dict[str, float]:
    """Which numbers the text has, where they come from, and where the answer stands among them."""
    last = max((place for place, one in enumerate(found, start=1) if one == size), default=0)
    once = {one for one in sums.results if found.count(one) < 2 and sums.results.count(one) == 1}
    return {
        "numbers": len(found),
        "mentioned": len(question.given & set(found)) / max(1, len(question.given)),
        "invented": len(set(found) - set(sums.results) - question.given),
        "not_used_again": len(once - question.given - {size}),
        "answer_repeated": found.count(size),
        "answer_place": last / max(1, len(found)),
    }


def _size(size: Fraction, question: Question) -> dict[str, float]:
    """What number the answer is."""
    magnitude = abs(float(size)) + 1
    return {
        "whole": size.denominator == 1,
        "negative": size < 0,
        "in_question": size in question.given,
        "magnitude": math.log10(magnitude),
        "beside_largest": math.log10(magnitude / (question.largest + 1)),
        "beside_smallest": math.log10(magnitude / (question.smallest + 1)),
    }


def _words(text: str, parts: Sequence[str], size: Fraction, question: Question) -> dict[str, float]:
    """How long the text is, how it goes about it, and how it states its answer."""
    stating = [part for part in parts if any(one.value == size for one in numbers(part))]
    stated = stating[-1] if stating else ""
    return {
        "characters": len(text),
        "words": len(text.split()),
        "lines": text.count("\n"),
        "sentences": len(parts),
        "digits": sum(map(str.isdigit, text)) / max(1, len(text)),
        "exclaimed": text.count("!"),
        "conclusions": len(_CONCLUSION.findall(text)),
        "steps": len(_STEP.findall(text)),
        "voices": len(_VOICE.findall(text)),
        "unknowns": len(_UNKNOWN.findall(text)),
        "states_noun": bool(question.noun) and question.noun in stated.lower(),
        "states_money": _AMOUNT.search(stated) is not None,
    }


def _asked(question: Question) -> dict[str, float]:
    """How hard the question looks."""
    return {
        "asks_money": question.money,
        "asks_how_much": question.much,
        "asks_difference": question.compared,
        "given": question.count,
        "rates": question.rates,
        "shares": question.shares,
        "question_characters": question.characters,
        "question_sentences": question.sentences,
    }


FEATURES = tuple(_features("How many?", "1", "1"))
