"""What the answers so far say: features of each candidate answer, and of the state as a whole."""

import numpy as np

VOTE_FEATURES = (
    "votes",
    "calls",
    "lead",
    "rivals",
    "log_odds_for",
    "top_reward",
    "difficulty",
    "missing",
    "trust",
    "best_trust",
    "trust_share",
    "rival_trust",
)
"""Of a candidate: its votes and their lead, how good the prompts are that gave it, and how likely
right its answers look by themselves: their chances added up, the best one, their share of those of
all answers, and the sum of the strongest rival."""
STATE_FEATURES = ("belief", "second", "total", "calls", "lead", "rivals", "difficulty", "missing")
"""Of the whole: the two largest beliefs, their sum over all candidates, and how far the vote is."""
_LEAD, _RIVALS = VOTE_FEATURES.index("lead"), VOTE_FEATURES.index("rivals")
_SMALLEST = 0.005
"""Rewards are kept this far from 0 and 1, so that no single prompt decides a vote."""


class Evidence:
    """Answers to one query, added one by one.

    Args:
        reward: P(correct) of each prompt, shape (prompts,).
    """

    def __init__(self, reward: np.ndarray) -> None:
        kept = np.clip(reward, _SMALLEST, 1 - _SMALLEST)
        self._reward: list[float] = kept.tolist()
        self._log_odds: list[float] = np.log(kept / (1 - kept)).tolist()
        self.difficulty = sum(self._reward) / len(self._reward)
        self.calls = self.missing = 0
        self._prompts: dict[str, list[int]] = {}
        self._chances: dict[str, list[float]] = {}

    @property
    def candidates(self) -> list[str]:
        """Different answers in the order in which they came."""
        return list(self._prompts)

    def add(self, prompt: int, answer: str | None, chance: float) -> None:
        """Take note of a call.

        Args:
            prompt: Its position.
            answer: Its number, None when it brought none.
            chance: P(right) of this answer by itself.
        """
        if answer is None:
            self.missing += 1
        else:
            self._prompts.setdefault(answer, []).append(prompt)
            self._chances.setdefault(answer, []).append(chance)
        self.calls += 1

    def table(self) -> np.ndarray:
        """Features of the candidates, shape (candidates, len(VOTE_FEATURES))."""
        rows = [self._row(answer) for answer in self.candidates]
        return np.array(rows, dtype=float).reshape(len(rows), len(VOTE_FEATURES))

    def _row(self, answer: str) -> tuple[float, ...]:
        prompts, chances = self._prompts[answer], self._chances[answer]
        others = [other for other in self.candidates if other != answer]
        trust, rivals = sum(chances), [sum(self._chances[other]) for other in others]
        return (
            len(prompts),
            self.calls,
            len(prompts) - max((len(self._prompts[other]) for other in others), default=0),
            len(self.candidates),
            sum(self._log_odds[prompt] for prompt in prompts),
            max(self._reward[prompt] for prompt in prompts),
            self.difficulty,
            self.missing,
            trust,
            max(chances),
            trust / max(trust + sum(rivals), _SMALLEST),
            max(rivals, default=0.0),
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
