"""Answer requests: a policy for each, the prompts ranked for it, its calls counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.asking.ranking import Ranking, Scorer
from core.asking.solve import Answer, solve
from core.costs.ledger import Ledger
from core.costs.prices import dearest_price
from core.errors import DataError, UnknownNameError
from core.hosting.metered import MeteredLLM
from core.hosting.spending import Spending
from core.llms import LLM
from core.llms.base import Control, now
from core.llms.openai.api import OpenAICompatible
from core.policies import BestOfN, Policy, entries, is_learned, needs_of, policy_by_name
from core.policies.budget import BudgetModel
from core.prompts import Prompt
from core.serving.asked import Asked
from core.serving.books import Books

_KEYS = 64
"""Clients with keys of their own whose connections are kept."""


_NOTHING = np.full(1, np.nan)
_AS_ASKED = Ranking((Prompt("none", "", "no prompt"),), np.ones(1), *(_NOTHING,) * 5)
"""The message as it is, which no prompt is put to."""


@dataclass(frozen=True)
class Upstream:
    """Who answers.

    Attributes:
        llms: The operator's LLMs by what the reward model calls each, that of plain calls by
            nothing; none where every client brings a key.
        with_key: Makes the same for a client's key; None where the operator pays.
        spending: Holds what the operator pays to a limit; None without one.
    """

    llms: Mapping[str, LLM]
    with_key: Callable[[str], Mapping[str, LLM]] | None = None
    spending: Spending | None = None


class Service:
    """A reward model, perhaps a budget model, and an LLM behind them."""

    def __init__(
        self, scorer: Scorer, budget: BudgetModel | None, upstream: Upstream, books: Books
    ) -> None:
        self.prompts: tuple[Prompt, ...] = scorer.model.prompts
        self.books = books
        self.plain = upstream.llms[""].model if upstream.llms else None
        self._scorer = scorer
        self._budget = budget
        self._upstream = upstream
        self._by_key = lru_cache(_KEYS)(upstream.with_key) if upstream.with_key else None

    @property
    def models(self) -> list[str]:
        """The policies that may be asked for, as names of models, and the LLM by itself."""
        calls = [calls for calls in (2.0, 4.0) if calls < len(self.prompts)] or [1.5]
        budgeted = [] if self._budget is None else [f"budgeted:{one:g}" for one in calls]
        plain = () if self.plain is None else (self.plain,)
        return ["best-of-n", f"majority-vote:{len(self.prompts)}", *budgeted, *plain]

    def policy(self, name: str) -> Policy:
        """The policy that a model's name stands for; the LLM's own name for one plain call.

        Raises:
            PromptOIRLError: there is none, or nothing is there that it needs.
        """
        if name == self.plain:
            return BestOfN()
        known = name.partition(":")[0] in entries()
        lacks = self._scorer.lacks & needs_of(name)
        if not known or lacks or (is_learned(name) and self._budget is None):
            raise UnknownNameError("model", name, self.models)
        return policy_by_name(name, [prompt.id for prompt in self.prompts], self._learned)

    def asks_once(self, name: str) -> bool:
        """Whether the policy of this name makes one call, whose answer is that of the policy."""
        return name == self.plain or entries()[name.partition(":")[0]].single

    def _learned(self) -> BudgetModel:
        if self._budget is None:
            raise DataError("No budget model was given at the start; --budget names its file.")
        return self._budget

    def answer(self, asked: Asked, key: str, client: str, control: Control) -> Answer:
        """Answer a request and count it, failures too.

        Args:
            asked: What is wanted.
            key: The client's; empty without one.
            client: Whose limits count; they keep a hash of it alone.
            control: Watches or stops the calls.

        Raises:
            PromptOIRLError: there is no answer; the message says why.
        """
        policy = self.policy(asked.policy)
        llms = self._llms(asked, key, client)
        ledger, answer = Ledger(), None
        plain = asked.policy == self.plain
        ranking = _AS_ASKED if plain else self._scorer.rank(asked.query, self.prompts)
        try:
            answer = solve(
                asked.query,
                ranking,
                policy,
                lambda prompt: llms(prompt.llm),
                ledger=ledger,
                control=control,
            )
        finally:
            dollars = None if ranking.dollars is None else float(ranking.dollars.sum())
            prompts = len(ranking.prompts)
            self.books.count(asked.policy, ledger.entries, answer, prompts, dollars)
        return answer

    def _llms(self, asked: Asked, key: str, client: str) -> Callable[[str], LLM]:
        """Gives the LLM that the reward model calls by a name."""
        upstream = self._upstream
        if not upstream.llms and (self._by_key is None or not key):
            raise DataError("An API key is needed, as `Authorization: Bearer KEY`.")

        def called(name: str) -> LLM:
            if not upstream.llms and self._by_key is not None:
                return _framed(self._by_key(key)[name], asked)
            llm = _framed(upstream.llms[name], asked)
            if upstream.spending is None:
                return llm
            price = dearest_price(llm.model, now(), base_url=llm.base_url)
            return MeteredLLM(llm, upstream.spending, client, price)

        return called


def _framed(llm: LLM, asked: Asked) -> LLM:
    if isinstance(llm, OpenAICompatible):
        return llm.framed(asked.frame, asked.max_tokens)
    if asked.frame.before:
        raise DataError("An LLM on this machine answers one message; earlier ones are not taken.")
    return llm
