"""Prompts ranked for one question by their predicted chance of a right answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from core import artifacts
from core.costs.cost import Cost, most_dollars
from core.costs.lengths import TokensByLength
from core.costs.prices import Price
from core.demonstrations import EMBEDDED, GPT35, LLAMA2
from core.errors import DataError, UnknownNameError
from core.grading.kinds import NUMBERS, Kind, kind_called
from core.llms import RecordedGSM8K, Sampling
from core.policies import Context, Need
from core.policies.base import as_tokens
from core.prompts import OFFERED, Prompt, check_distinct, message, prompt_by_id
from core.query import check_query
from core.reward import RewardModel
from core.reward.difficulty import log_odds, sigmoid

_SHOWN_WORDS = 3
_MOST_SPENT = 1e9
"""Tokens or dollars of a call, as a log may have them."""


@dataclass(frozen=True)
class Ranking:
    """Prompts with their predicted chances for one query; arrays have shape (prompts,).

    Attributes:
        prompts: In the order they were given.
        probability, lower, upper: P(correct) with its 95 % interval.
        accuracy: Share right in the log; NaN for a prompt that was never logged.
        tokens: Mean tokens of a call in the log, NaN where unknown.
        expected: Tokens of a call on a question as long as this one, NaN where unknown.
        strange: Words of the question that the log did not teach, where these are very many.
        kind: What its answers are.
        dollars: Mean dollars of a call in the log, where one chooses among LLMs with prices.
    """

    prompts: tuple[Prompt, ...]
    probability: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    accuracy: np.ndarray
    tokens: np.ndarray
    expected: np.ndarray
    strange: tuple[str, ...] = ()
    kind: Kind = NUMBERS
    dollars: np.ndarray | None = None

    @property
    def doubt(self) -> str:
        """What is to be known of the chances where the question is unlike the log's; else empty."""
        if not self.strange:
            return ""
        shown = ", ".join(f"“{word}”" for word in self.strange[:_SHOWN_WORDS])
        more = " …" if len(self.strange) > _SHOWN_WORDS else ""
        return (
            f"This question is unlike those that the chances were learned from: {shown}{more} "
            "were not in them. So they say little, and their intervals are drawn twice as wide."
        )

    @property
    def order(self) -> list[int]:
        """Positions of the prompts from the best to the worst."""
        return np.argsort(-self.probability, kind="stable").tolist()

    @property
    def best(self) -> Prompt:
        """The prompt that best-of-N calls."""
        return self.prompts[self.order[0]]

    def rows(self) -> list[dict[str, Any]]:
        """The ranking as plain values, best prompt first."""
        return [
            {
                "prompt_id": self.prompts[position].id,
                "label": self.prompts[position].label,
                "prompt": self.prompts[position].text,
                "probability": float(self.probability[position]),
                "lower": float(self.lower[position]),
                "upper": float(self.upper[position]),
                **self._of_arm(position),
            }
            for position in self.order
        ]

    def _of_arm(self, position: int) -> dict[str, Any]:
        """Whom a prompt is put to and what that costs, where there are several LLMs."""
        if not self.prompts[position].llm:
            return {}
        dollars = None if self.dollars is None else float(self.dollars[position])
        return {"llm": self.prompts[position].llm, "dollars": dollars}

    def only(self, prompt_ids: Sequence[str]) -> "Ranking":
        """The same for some of its prompts, in the order of this ranking.

        Raises:
            DataError: none is left.
        """
        kept = [place for place, prompt in enumerate(self.prompts) if prompt.id in set(prompt_ids)]
        check_distinct([self.prompts[place] for place in kept])
        return replace(
            self,
            prompts=tuple(self.prompts[place] for place in kept),
            probability=self.probability[kept],
            lower=self.lower[kept],
            upper=self.upper[kept],
            accuracy=self.accuracy[kept],
            tokens=self.tokens[kept],
            expected=self.expected[kept],
            dollars=None if self.dollars is None else self.dollars[kept],
        )

    @property
    def expected_tokens(self) -> float | None:
        """Tokens of one call with every prompt; one without counts is taken for the mean.

        None where the log has no counts at all.
        """
        known = self.expected[~np.isnan(self.expected)]
        return len(self.prompts) * float(known.mean()) if len(known) else None

    def expected_cost(self, query: str, price: Price | None) -> Cost:
        """What one call with every prompt costs; a bound where the log has no token counts."""
        if price is None:
            return Cost(None)
        if self.expected_tokens is None:
            longest = Sampling.max_tokens
            most = (most_dollars(price, message(query, one), longest) for one in self.prompts)
            return Cost(sum(most), bound=True, as_if=price.as_if)
        # How many of the tokens will be written is not known; all at the dearer price is prudent.
        dearest = max(price.prompt, price.completion)
        return Cost(dearest * self.expected_tokens / 1e6, as_if=price.as_if)

    @property
    def context(self) -> Context:
        """The same as the policies see it."""
        sizes = self.tokens if self.dollars is None else as_tokens(self.dollars)
        return Context(self.probability, self.accuracy, sizes)


@dataclass(frozen=True)
class Scorer:
    """What ranks prompts: a reward model, and what its log says of each prompt.

    Attributes:
        model: Learned from the log.
        accuracy: Share right, by prompt id.
        tokens: Mean tokens of a call, by prompt id; one whose tokens are unknown is left out.
        lengths: What a call takes by the question's length, by prompt id.
        kind: What the answers of the log are.
        dollars: Mean dollars of a call, by prompt id, where one chooses among LLMs with prices.
    """

    model: RewardModel
    accuracy: Mapping[str, float]
    tokens: Mapping[str, float]
    lengths: Mapping[str, TokensByLength]
    kind: Kind = NUMBERS
    dollars: Mapping[str, float] = field(default_factory=dict)

    @property
    def lacks(self) -> frozenset[Need]:
        """What it does not know of its log."""
        known: dict[Need, Mapping[str, float]] = {
            "logged prompts": self.accuracy,
            "tokens": self.dollars or self.tokens,
        }
        return frozenset(need for need, values in known.items() if not values)

    def rank(self, query: str, prompts: Sequence[Prompt]) -> Ranking:
        """Score prompts for a question.

        Raises:
            DataError: the question is empty or too long, or a prompt id is given twice.
        """
        check_distinct(prompts)
        prediction = self.model.predict([check_query(query)], prompts)
        accuracy, tokens = (
            np.array([known.get(prompt.id, np.nan) for prompt in prompts])
            for known in (self.accuracy, self.tokens)
        )
        middle, lower, upper = (
            values[0] for values in (prediction.probability, prediction.lower, prediction.upper)
        )
        strange = self.model.strange_words(query)
        if strange:
            lower, upper = _twice_as_far(middle, lower), _twice_as_far(middle, upper)
        return Ranking(
            tuple(prompts),
            middle,
            lower,
            upper,
            accuracy,
            tokens,
            _expected(query, prompts, self.lengths),
            strange,
            self.kind,
            self._dollars(prompts),
        )

    def _dollars(self, prompts: Sequence[Prompt]) -> np.ndarray | None:
        """Dollars of a call with each prompt, None where those of one are unknown."""
        known = [self.dollars.get(prompt.id) for prompt in prompts]
        return None if None in known else np.array(known, dtype=float)


def _twice_as_far(middle: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Ends of intervals, twice as far from the middle in logits."""
    return sigmoid(2 * log_odds(end) - log_odds(middle))


def with_its_log(scorer: Scorer) -> RewardModel:
    """The reward model with what its log says of each prompt, to be written to a file."""
    of_log = {
        "accuracy": dict(scorer.accuracy),
        "tokens": dict(scorer.tokens),
        "answers": scorer.kind.name,
    }
    if scorer.dollars:
        of_log["dollars"] = dict(scorer.dollars)
    return replace(scorer.model, description=scorer.model.description | {"log": of_log})


def scorer_of_file(model: RewardModel) -> Scorer:
    """What a reward model out of a file knows, with its log where the file holds that.

    Raises:
        DataError: what the file says of the log is none.
    """
    of_log = model.description.get("log", {})
    try:
        accuracy, tokens, dollars = (
            {str(name): float(value) for name, value in of_log.get(what, {}).items()}
            for what in ("accuracy", "tokens", "dollars")
        )
        kind = kind_called(of_log.get("answers", NUMBERS.name))
        if not all(0 <= share <= 1 for share in accuracy.values()):
            raise ValueError("a share is out of range")
        if not all(0 <= mean <= _MOST_SPENT for mean in (*tokens.values(), *dollars.values())):
            raise ValueError("a mean is out of range")
    except (AttributeError, TypeError, ValueError, OverflowError, UnknownNameError):
        raise DataError("What the reward model's file says of its log is damaged.") from None
    return Scorer(model, accuracy, tokens, {}, kind, dollars)


_LOG_OF_KIND = {EMBEDDED: EMBEDDED, "openai": GPT35}
_LOGGED = {
    EMBEDDED: (EMBEDDED,),
    GPT35: (f"openai:{GPT35}",),
    LLAMA2: (RecordedGSM8K.name, "hf:meta-llama/Llama-2-7b-chat-hf", "gguf:llama2-7b-chat"),
}
"""The LLMs, as they are asked for, that each log is of."""


def log_for(llm: str) -> str:
    """Whose log predicts best for the LLM called ``llm``.

    The embedded LLM and LLaMA2 have logs of their own; GPT-3.5's stands for every model behind the
    OpenAI API, LLaMA2's for every other one.
    """
    return _LOG_OF_KIND.get(llm.partition(":")[0], LLAMA2)


def is_stood_in_for(llm: str) -> bool:
    """Whether an LLM has no log of its own, so that ``log_for`` names another's."""
    return llm not in _LOGGED[log_for(llm)]


@lru_cache(maxsize=4)
def shipped_scorer(log: str) -> Scorer:
    """The scorer that comes with the project for one of its logs.

    Raises:
        ArtifactError: the reward model or the table of prompts is missing or damaged.
    """
    return scorer_of(log, artifacts.load_reward(log), artifacts.load_table("prompts"))


def scorer_of(log: str, model: RewardModel, prompts: pd.DataFrame) -> Scorer:
    """The scorer of the reward model that learned from ``log``; ``prompts`` is the table of all."""
    logged = prompts[(prompts["llm"] == log) & (prompts["dataset"] == "all")]
    logged = logged.set_index("prompt_id")
    return Scorer(
        model,
        logged["accuracy"].dropna().to_dict(),
        logged["tokens"].dropna().to_dict(),
        lengths_of(prompts, log, "all"),
    )


def lengths_of(prompts: pd.DataFrame, log: str, dataset: str) -> dict[str, TokensByLength]:
    """What a call takes by the question's length, by prompt id, as the table of prompts says."""
    rows = prompts[(prompts["llm"] == log) & (prompts["dataset"] == dataset)]
    rows = rows.dropna(subset=["tokens"]).set_index("prompt_id")
    return {
        str(prompt_id): TokensByLength(row.tokens_fixed, row.tokens_per_character)
        for prompt_id, row in rows.iterrows()
    }


def _expected(
    query: str, prompts: Sequence[Prompt], lengths: Mapping[str, TokensByLength]
) -> np.ndarray:
    return np.array([lengths[one.id].of(query) if one.id in lengths else np.nan for one in prompts])


def rank(query: str, prompts: Sequence[Prompt] = OFFERED, *, log: str = LLAMA2) -> Ranking:
    """Score prompts for a question with the shipped reward model of ``log``.

    Raises:
        DataError: the question is empty or too long, or a prompt id is given twice.
        ArtifactError: the reward model is missing or damaged.
    """
    return shipped_scorer(log).rank(query, prompts)


def recorded_question(llm: RecordedGSM8K, number: int) -> pd.Series:
    """The recorded question ``number`` (0..999): query and gold.

    Raises:
        DataError: there is no such number.
        MissingDataError: the published files are not on this machine.
    """
    questions = llm.questions
    if not 0 <= number < len(questions):
        raise DataError(
            f"There is no recorded question {number}; allowed: 0 to {len(questions) - 1}."
        )
    return questions.iloc[number]


def rank_recorded(number: int, query: str) -> Ranking:
    """Score the sixteen prompts for a recorded question with a model that never saw it.

    Args:
        number: Of the question.
        query: Its text.
    """
    scores = artifacts.load_recorded_scores()
    prompts = tuple(prompt_by_id(name) for name in scores.prompt_ids)
    lengths = lengths_of(artifacts.load_table("prompts"), LLAMA2, "gsm8k")
    return Ranking(
        prompts,
        scores.probability[number],
        scores.lower[number],
        scores.upper[number],
        scores.accuracy[number],
        scores.tokens[number],
        _expected(query, prompts, lengths),
    )
