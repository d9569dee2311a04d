"""One question whose prompts are ranked: spend the calls a policy asks for, return the answer."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.asking.ranking import Ranking
from core.costs.cost import Cost, total
from core.costs.ledger import Entry, Ledger, entry
from core.grading import final_answer
from core.llms import LLM, Attempt, Completion, Control, Failure, LLMError
from core.llms.base import NO_CONTROL, SpendingLimit
from core.llms.failures import CONSEQUENCES
from core.policies import Policy, Reply, Request, run
from core.prompts import Prompt, message


@dataclass(frozen=True)
class CallRecord:
    """One call that a policy asked for and what came of it.

    Attributes:
        prompt_id: The prompt.
        result: The completion, or why there is none.
        answer: Its final number as ``answers.canonical`` writes it, None when it has none.
    """

    prompt_id: str
    result: Completion | Failure
    answer: str | None


@dataclass(frozen=True)
class Answer:
    """What a policy returned for one query, and what it spent.

    Attributes:
        prompt: The prompt whose answer is returned.
        text: That answer as the LLM wrote it.
        value: Its final number, None when it has none.
        votes: How many of the answers gave the same number.
        calls: Every call that the policy asked for.
        entries: Every try that these calls took, retries and failures included.
        correct: Grade against the known correct answer, None when that is unknown.
        seconds: Wall-clock time of the whole policy.
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
    def cost(self) -> Cost:
        """Cost of all tries."""
        return total(entry.cost for entry in self.entries)

    def dollars_of(self, tokens: float | None) -> float | None:
        """What so many tokens cost at this answer's dollars a token, None where either is unknown.

        A bound says nothing of what a token costs.
        """
        if not tokens or not self.tokens or not self.cost.dollars or self.cost.bound:
            return None
        return self.cost.dollars / self.tokens * tokens


@dataclass
class _Caller:
    """Asks an LLM for what a policy requests and keeps a record of each call.

    After a batch that failed for good, or could not be asked, it makes no further call.
    """

    llm: LLM
    query: str
    prompts: Sequence[Prompt]
    policy: str
    ledger: Ledger
    control: Control
    records: list[CallRecord] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    ended: bool = False

    def __call__(self, requests: Sequence[Request]) -> list[Reply]:
        if self.ended:
            return []
        asked = [self.prompts[request.prompt] for request in requests]
        results = self._results([message(self.query, prompt) for prompt in asked], requests)
        # What the next call of the same policy would only repeat ends it.
        self.ended |= all(
            isinstance(result, Failure) and CONSEQUENCES[result.kind].fatal for result in results
        )
        return [
            self._keep(request, result) for request, result in zip(requests, results, strict=True)
        ]

    def _results(
        self, messages: Sequence[str], requests: Sequence[Request]
    ) -> Sequence[Completion | Failure]:
        """What the LLM says; answers that are paid for already outlive a refusal of further ones.

        Raises:
            LLMError: the LLM cannot be asked, and no call has brought an answer yet.
            SpendingLimit: the same for want of money.
        """
        try:
            return self.llm.complete(messages, self._watched(requests))
        except (LLMError, SpendingLimit) as error:
            if not any(isinstance(record.result, Completion) for record in self.records):
                raise
            self.ended = True
            kind = error.kind if isinstance(error, LLMError) else "no credit"
            return [Failure(kind, str(error))] * len(messages)

    def _watched(self, requests: Sequence[Request]) -> Control:
        """The caller's control, with every attempt written to the ledger."""

        def on_attempt(attempt: Attempt) -> None:
            prompt = self.prompts[requests[attempt.position].prompt]
            item = entry(
                attempt,
                self.llm,
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
        value = None if text is None else final_answer.extract(text)
        answer = None if value is None else final_answer.canonical(value)
        self.records.append(CallRecord(self.prompts[request.prompt].id, result, answer))
        return Reply(request, answer, text)


def solve(
    query: str,
    ranking: Ranking,
    policy: Policy,
    llm: LLM,
    gold: str | None = None,
    *,
    ledger: Ledger | None = None,
    control: Control = NO_CONTROL,
) -> Answer:
    """Answer one query with a policy.

    Calls that fail do not vote; the answer comes from those that did not. Once calls fail in a way
    that further ones would repeat, such as at a spending limit, none follows.

    Args:
        query: The question.
        ranking: Its prompts and their scores.
        policy: Decides the calls.
        llm: Answers them.
        gold: The correct answer where it is known.
        ledger: Every try is added to it, also when this function raises.
        control: Watches or stops the calls; ``on_text`` is told the position of the prompt in
            ``ranking.prompts``.

    Raises:
        LLMError: no call brought an answer.
        PromptOIRLError: the LLM could not be asked.
    """
    ledger = Ledger() if ledger is None else ledger
    caller = _Caller(llm, query, ranking.prompts, policy.name, ledger, control)
    start = time.perf_counter()
    selection = run(policy, replace(ranking.context, query=query), caller)
    prompt, completion = _returned(selection.chosen, caller)
    value = final_answer.extract(completion.text)
    return Answer(
        policy.name,
        prompt,
        completion.text,
        None if value is None else final_answer.canonical(value),
        selection.votes,
        tuple(caller.records),
        tuple(caller.entries),
        None if gold is None else final_answer.grade(value, gold),
        time.perf_counter() - start,
    )


def _returned(chosen: int, caller: _Caller) -> tuple[Prompt, Completion]:
    """The chosen prompt's completion; when its call failed, the first one that did not."""
    by_id = {prompt.id: prompt for prompt in caller.prompts}
    answered = {
        record.prompt_id: record.result
        for record in reversed(caller.records)
        if isinstance(record.result, Completion)
    }
    if not answered:
        failures = [record.result for record in caller.records]
        raise LLMError(next(result for result in failures if isinstance(result, Failure)))
    wanted = caller.prompts[chosen].id
    found = wanted if wanted in answered else list(answered)[-1]
    return by_id[found], answered[found]
