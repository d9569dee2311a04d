"""One question whose prompts are ranked: spend the calls a policy asks for, return the answer."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from core.asking.ranking import Ranking
from core.costs.cost import NO_TOKENS, Cost, Tokens, total
from core.costs.ledger import Entry, Ledger, entry
from core.costs.prices import Price
from core.grading.final_answer import canonical
from core.grading.kinds import NUMBERS, Kind
from core.grading.repair import Mend, repair
from core.llms import LLM, Attempt, Completion, Control, Failure, LLMError
from core.llms.base import NO_CONTROL, SpendingLimit
from core.llms.failures import CONSEQUENCES
from core.policies import Policy, Reply, Request, run
from core.prompts import Prompt, message

Answering = LLM | Callable[[Prompt], LLM]
"""Who answers: one LLM, or what gives that of each prompt."""


@dataclass(frozen=True)
class CallRecord:
    """One call that a policy asked for and what came of it.

    Attributes:
        prompt_id: The prompt.
        result: The completion, or why there is none.
        answer: Its final number as ``answers.canonical`` writes it, or what else answers to the
            question are, as their kind reads it; None when it has none.
        mends: Equations of its text that were computed anew to get that number.
    """

    prompt_id: str
    result: Completion | Failure
    answer: str | None
    mends: tuple[Mend, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What a policy returned for one query, and what it spent.

    Attributes:
        prompt: The prompt whose answer is returned.
        text: That answer as the LLM wrote it.
        value: Its final number, mended where asked for, or what else answers to the question are;
            None when it has none.
        votes: How many of the answers gave the same.
        calls: Every call that the policy asked for.
        entries: Every try that these calls took, retries and failures included.
        correct: Grade of ``value`` against the known correct answer, None when that is unknown.
        seconds: Wall-clock time of the whole policy.
        mends: Equations of its text that were computed anew to get ``value``.
        kind: What answers to the question are.
    """

    policy: str
    prompt: Prompt
    text: str
    value: str | None
    votes: int
    calls: tuple[CallRecord, ...]
    entries: tuple[Entry, ...]
    correct: bool | None
    seconds: float
    mends: tuple[Mend, ...] = ()
    kind: Kind = NUMBERS

    @property
    def as_answered(self) -> str | None:
        """The same as the LLM gave it, nothing mended."""
        return self.kind.answer(self.text)

    @property
    def is_cut(self) -> bool:
        """Whether its text ends at the limit of tokens."""
        return any(
            isinstance(call.result, Completion)
            and call.result.finish_reason == "length"
            and (call.prompt_id, call.result.text) == (self.prompt.id, self.text)
            for call in self.calls
        )

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Why some calls brought no answer."""
        return tuple(call.result for call in self.calls if isinstance(call.result, Failure))

    @property
    def tokens(self) -> int | None:
        """All tokens of all tries, None when an answer's are unknown."""
        known = [entry.tokens for entry in self.entries if entry.outcome == "ok"]
        return None if None in known else sum(count for count in known if count is not None)

    @property
    def tokens_text(self) -> str:
        """The same in words, with those that the provider had read before and sells for less."""
        if self.tokens is None:
            return "tokens not counted"
        cached = sum(entry.cached_tokens or 0 for entry in self.entries)
        return f"{self.tokens:,} tokens" + (f", {cached:,} from the cache" if cached else "")

    @property
    def cost(self) -> Cost:
        """Cost of all tries."""
        return total(entry.cost for entry in self.entries)

    @property
    def took(self) -> Tokens:
        """Tokens of all tries, or the most that they can have been."""
        return sum((entry.took for entry in self.entries), NO_TOKENS)

    def cost_at(self, stand_in: Price | None) -> Cost:
        """Its cost; without a price, what it would have cost at one that stands in."""
        return self.cost.or_at(stand_in, self.took)


@dataclass
class _Caller:
    """Asks LLMs for what a policy requests and keeps a record of each call.

    After a batch that failed for good, or could not be asked, it makes no further call.
    """

    llm_of: Callable[[Prompt], LLM]
    query: str
    prompts: Sequence[Prompt]
    policy: str
    ledger: Ledger
    control: Control
    mend: bool
    kind: Kind
    records: list[CallRecord] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    ended: bool = False

    def __call__(self, requests: Sequence[Request]) -> list[Reply]:
        if self.ended:
            return []
        results = self._results(requests)
        # What the next call of the same policy would only repeat ends it.
        self.ended |= all(
            isinstance(result, Failure) and CONSEQUENCES[result.kind].fatal for result in results
        )
        return [
            self._keep(request, result) for request, result in zip(requests, results, strict=True)
        ]

    def _results(self, requests: Sequence[Request]) -> list[Completion | Failure]:
        """What the LLMs say, each asked for all that is its.

        Answers that are paid for already outlive a refusal of others.

        Raises:
            LLMError: an LLM cannot be asked, and no call has brought an answer yet.
            SpendingLimit: the same for want of money.
        """
        places: dict[str, list[int]] = {}
        for place, request in enumerate(requests):
            places.setdefault(self.prompts[request.prompt].llm, []).append(place)
        results: dict[int, Completion | Failure] = {}
        refusals: list[LLMError | SpendingLimit] = []
        for mine in places.values():
            try:
                said = self._of_one([requests[place] for place in mine])
            except (LLMError, SpendingLimit) as error:
                kind = error.kind if isinstance(error, LLMError) else "no credit"
                said = [Failure(kind, str(error))] * len(mine)
                refusals.append(error)
            results |= zip(mine, said, strict=True)
        told = (*results.values(), *(record.result for record in self.records))
        if refusals and not any(isinstance(result, Completion) for result in told):
            raise refusals[0]
        self.ended |= bool(refusals)
        return [results[place] for place in range(len(requests))]

    def _of_one(self, requests: Sequence[Request]) -> Sequence[Completion | Failure]:
        """What one LLM says to requests that are all its."""
        prompts = [self.prompts[request.prompt] for request in requests]
        llm = self.llm_of(prompts[0])
        messages = [message(self.query, prompt) for prompt in prompts]
        return llm.complete(messages, self._watched(requests, llm))

    def _watched(self, requests: Sequence[Request], llm: LLM) -> Control:
        """The caller's control, with every attempt written to the ledger."""

        def on_attempt(attempt: Attempt) -> None:
            prompt = self.prompts[requests[attempt.position].prompt]
            item = entry(
                attempt,
                llm,
                message=message(self.query, prompt),
                policy=self.policy,
                prompt_id=prompt.id,
            )
            self.entries.append(item)
            self.ledger.add(item)
            self.control.on_attempt(attempt)

        on_text = self.control.on_text
        if on_text is None:
            return replace(self.control, on_attempt=on_attempt)
        return replace(
            self.control,
            on_attempt=on_attempt,
            on_text=lambda position, piece: on_text(requests[position].prompt, piece),
        )

    def _keep(self, request: Request, result: Completion | Failure) -> Reply:
        text = None if isinstance(result, Failure) else result.text
        answer, mends = (None, ()) if text is None else self._read(text)
        prompt = self.prompts[request.prompt]
        self.records.append(CallRecord(prompt.id, result, answer, mends))
        return Reply(request, answer, text)

    def _read(self, text: str) -> tuple[str | None, tuple[Mend, ...]]:
        if self.mend and self.kind is NUMBERS:
            found = repair(text, self.query)
            return None if found.value is None else canonical(found.value), found.mends
        return self.kind.answer(text), ()

    def answered(self, chosen: int) -> tuple[CallRecord, Completion]:
        """The call of the chosen prompt; when it failed, the first one that did not.

        Raises:
            LLMError: no call brought an answer.
        """
        told = [(one, one.result) for one in self.records if isinstance(one.result, Completion)]
        if not told:
            failures = [record.result for record in self.records]
            raise LLMError(next(result for result in failures if isinstance(result, Failure)))
        wanted = self.prompts[chosen].id
        return next((pair for pair in told if pair[0].prompt_id == wanted), told[0])


def solve(
    query: str,
    ranking: Ranking,
    policy: Policy,
    llm: Answering,
    gold: str | None = None,
    *,
    ledger: Ledger | None = None,
    control: Control = NO_CONTROL,
    mend: bool = False,
) -> Answer:
    """Answer one query with a policy.

    Calls that fail do not vote; the answer comes from those that did not. Once calls fail in a way
    that further ones would repeat, such as at a spending limit, none follows.

    Args:
        query: The question.
        ranking: Its prompts and their scores.
        policy: Decides the calls.
        llm: Answers them; what gives the LLM of each prompt where there are several.
        gold: The correct answer where it is known.
        ledger: Every try is added to it, also when this function raises.
        control: Watches or stops the calls; ``on_text`` is told the position of the prompt in
            ``ranking.prompts``.
        mend: Whether miscalculations in an answer's own equations are mended before it votes.

    Raises:
        LLMError: no call brought an answer.
        PromptOIRLError: the LLM could not be asked.
    """
    ledger = Ledger() if ledger is None else ledger
    kind = ranking.kind
    llm_of = llm if callable(llm) else lambda prompt: llm
    caller = _Caller(llm_of, query, ranking.prompts, policy.name, ledger, control, mend, kind)
    start = time.perf_counter()
    selection = run(policy, replace(ranking.context, query=query), caller)
    record, completion = caller.answered(selection.chosen)
    return Answer(
        policy.name,
        next(prompt for prompt in ranking.prompts if prompt.id == record.prompt_id),
        completion.text,
        record.answer,
        selection.votes,
        tuple(caller.records),
        tuple(caller.entries),
        None if gold is None else kind.is_right(record.answer, gold),
        time.perf_counter() - start,
        record.mends,
        kind,
    )
