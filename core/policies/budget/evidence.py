"""What the answers so far say: features of each candidate answer, and of the state as a whole."""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from core.grading.final_answer import canonical
from core.grading.numbers import numbers
from core.grading.working import read_working

VOTE_FEATURES = (
    "votes",
    "calls",
    "share",
    "lead",
    "rivals",
    "log_odds_for",
    "log_odds_against",
    "top_reward",
    "mean_accuracy",
    "whole",
    "negative",
    "in_question",
    "magnitude",
    "relative",
    "first",
    "last",
    "difficulty",
    "numbers",
    "missing",
    "rival_share",
    "equations",
    "wrong",
    "used",
    "foreign",
    "length",
    "concluded",
    "sound",
    "rival_sound",
    "rival_length",
)
"""Of a candidate: its votes and their lead, which prompts gave it and when, what number it is, and
what the texts that came to it show (``_Shown``); NaN where the texts are unknown."""
STATE_FEATURES = ("belief", "second", "total", "calls", "lead", "rivals", "difficulty", "missing")
"""Of the whole: the two largest beliefs, their sum over all candidates, and how far the vote is."""
_LEAD, _RIVALS = VOTE_FEATURES.index("lead"), VOTE_FEATURES.index("rivals")
_SMALLEST = 0.005
"""Rewards are kept this far from 0 and 1, so that no single prompt decides a vote."""


@lru_cache(maxsize=4096)
def _question(query: str) -> tuple[frozenset[str], float, int]:
    """Numbers of a question as answers are written, the largest size among them, their count."""
    found = numbers(query)
    largest = max((abs(float(number.value)) for number in found), default=1.0)
    return frozenset(canonical(number.value) for number in found), largest, len(found)


class _Shown(NamedTuple):
    """What a text shows: equations and wrong ones, the share of the question's numbers that it
    uses, how many of its numbers come from nowhere, its characters, whether its last equation
    comes to its answer, and whether it has equations and all hold."""

    equations: float = math.nan
    wrong: float = math.nan
    used: float = math.nan
    foreign: float = math.nan
    length: float = math.nan
    concluded: float = math.nan
    sound: float = math.nan


class Evidence:
    """Answers to one query, added one by one.

    Args:
        query: The question; empty where it is unknown.
        reward: P(correct) of each prompt, shape (prompts,).
        accuracy: Share right in the log, shape (prompts,).
    """

    def __init__(self, query: str, reward: np.ndarray, accuracy: np.ndarray) -> None:
        kept = np.clip(reward, _SMALLEST, 1 - _SMALLEST)
        self._reward: list[float] = kept.tolist()
        self._log_odds: list[float] = np.log(kept / (1 - kept)).tolist()
        self._accuracy: list[float] = np.asarray(accuracy).tolist()
        self._question = _question(query)
        self.difficulty = sum(self._reward) / len(self._reward)
        self.calls = self.missing = 0
        self._given: dict[str, list[tuple[int, int]]] = {}
        self._shown: list[_Shown] = []

    @property
    def candidates(self) -> list[str]:
        """Different answers in the order in which they came."""
        return list(self._given)

    def add(self, prompt: int, answer: str | None, text: str | None = None) -> None:
        """Take note of a call.

        Args:
            prompt: Its position.
            answer: Its number, None when it brought none.
            text: All that was answered, None when unknown.
        """
        self._shown.append(_Shown() if text is None else self._read(answer, text))
        if answer is None:
            self.missing += 1
        else:
            self._given.setdefault(answer, []).append((prompt, self.calls))
        self.calls += 1

    def _read(self, answer: str | None, text: str) -> _Shown:
        working, known = read_working(text), self._question[0]
        return _Shown(
            working.equations,
            working.wrong,
            len(known & working.numbers) / max(1, len(known)),
            len(working.numbers - known - working.results),
            working.characters,
            working.last is not None and working.last == answer,
            working.sound,
        )

    def table(self) -> np.ndarray:
        """Features of the candidates, shape (candidates, len(VOTE_FEATURES))."""
        votes = sorted((len(given) for given in self._given.values()), reverse=True)
        total = sum(self._log_odds[p] for given in self._given.values() for p, _ in given)
        rows = [self._row(answer, given, votes, total) for answer, given in self._given.items()]
        return np.array(rows, dtype=float).reshape(len(rows), len(VOTE_FEATURES))

    def _row(
        self, answer: str, given: list[tuple[int, int]], votes: list[int], total: float
    ) -> tuple[float, ...]:
        count = len(given)
        rival = votes[0] if count < votes[0] else (votes[1] if len(votes) > 1 else 0)
        known, largest, how_many = self._question
        value = float(answer)
        size = abs(value) + 1
        mine = sum(self._log_odds[prompt] for prompt, _ in given)
        calls = {call for _, call in given}
        others = [shown for call, shown in enumerate(self._shown) if call not in calls]
        shown = [self._shown[call] for call in calls]
        means = [sum(column) / count for column in zip(*shown, strict=True)]
        return (
            count,
            self.calls,
            count / self.calls,
            count - rival,
            len(votes),
            mine,
            total - mine,
            max(self._reward[prompt] for prompt, _ in given),
            sum(self._accuracy[prompt] for prompt, _ in given) / count,
            value.is_integer(),
            value < 0,
            answer in known,
            math.log10(size),
            math.log10(size / (largest + 1)),
            given[0][1],
            given[-1][1],
            self.difficulty,
            how_many,
            self.missing,
            rival / self.calls,
            *means[:-1],
            sum(one.sound for one in shown),
            sum(one.sound for one in others),
            sum(one.length for one in others) / len(others) if others else math.nan,
        )

    def state(self, table: np.ndarray, beliefs: np.ndarray) -> list[float]:
        """Features of the whole, as ``STATE_FEATURES``; arguments as for ``describe``."""
        return describe(table, beliefs, (self.calls, self.difficulty, self.missing))


def describe(
    table: np.ndarray, beliefs: np.ndarray, known: tuple[float, float, float]
) -> list[float]:
    """Features of the whole, as ``STATE_FEATURES``.

    Args:
        table: Features of the candidates, shape (candidates, len(VOTE_FEATURES)).
        beliefs: P(right) of each candidate, shape (candidates,).
        known: Calls so far, mean reward of the prompts, answers without a number.
    """
    calls, difficulty, missing = known
    if not len(table):
        return [0.0, 0.0, 0.0, calls, 0.0, 0.0, difficulty, missing]
    best = int(beliefs.argmax())
    others = sorted(beliefs.tolist(), reverse=True)[1:2] or [0.0]
    lead, rivals = table[best, [_LEAD, _RIVALS]].tolist()
    top, total = float(beliefs[best]), float(beliefs.sum())
    return [top, others[0], total, calls, lead, rivals, difficulty, missing]
