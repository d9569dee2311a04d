"""What the controls of Ask hold, and what is to be done about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from math import isfinite

from core import llms
from core.artifacts import budget_for, budget_for_recorded, load_table
from core.asking.arms import llms_of, put_to_each
from core.asking.built_in import gold_of
from core.asking.mending import mending_helps
from core.asking.own_model import OwnModel
from core.asking.ranking import (
    Ranking,
    is_stood_in_for,
    log_for,
    rank_recorded,
    recorded_question,
    shipped_scorer,
)
from core.asking.solve import Answering
from core.asking.typed import check_computes
from core.demonstrations import EMBEDDED
from core.errors import DataError, UnknownNameError
from core.grading.kinds import NUMBERS
from core.hosting.fetching import is_missing, may_be_fetched
from core.hosting.offers import Offer, offers, open_llm
from core.llms import LLM, Failure, LLMError
from core.policies.budget import BudgetModel
from core.prompts import OFFERED, Prompt, own_prompt
from core.query import check_query, is_text
from demo.ask.policies import DEFAULT, marks_of, policy_of, title_of
from demo.ask.policies import offered as offered_policies
from demo.ask.run import Question
from demo.labels import LLM_LABELS

RECORDED = "recorded:gsm8k"
MOST_OWN_PROMPTS = 8
LONGEST_PROMPT = 2_000
LONGEST_KEY = 400
"""Characters."""
SHIPPED, OWN = "shipped", "own"
"""Where chances come from: the log that comes with the project, or the visitor's own."""
_RECORDED_NOTE = (
    "Chances and policy come from models that never saw this question: its part of the log was "
    "left out."
)


@dataclass(frozen=True)
class Choices:
    """The controls as a visitor left them; one field for each, in their order.

    Attributes:
        llm: ``id`` of the offered LLM.
        key: A key of the visitor's own, empty without one; in no representation.
        question: As typed.
        number: Of the recorded question, None while none is chosen.
        policy: Key of ``demo.ask.policies.offered()``.
        calls: The dial.
        prompt_ids: The logged prompts to consider.
        own_prompts: More prompts, one a line; None from a box that was never opened.
        scored_by: ``SHIPPED`` or ``OWN``.
        mend: Whether miscalculations are mended where that is measured to help.
    """

    llm: str
    key: str | None = field(repr=False)
    question: str
    number: int | None
    policy: str
    calls: float
    prompt_ids: list[str]
    own_prompts: str | None
    scored_by: str
    mend: bool = True

    def __post_init__(self) -> None:
        """Refuse what no control can hold; programs may send anything."""
        texts = (self.llm, self.key or "", self.policy, self.own_prompts or "", self.scored_by)
        prompts = self.prompt_ids if isinstance(self.prompt_ids, list) else [None]
        if not all(isinstance(text, str) and is_text(text) for text in (*texts, *prompts)):
            raise DataError("A choice is not of its kind: texts are needed.")
        calls = self.calls
        if isinstance(calls, bool) or not isinstance(calls, int | float) or not isfinite(calls):
            raise DataError(f"The number of calls is {str(calls)[:40]!r}; it must be a number.")
        if len(self.key or "") > LONGEST_KEY:
            raise DataError(f"An API key has at most {LONGEST_KEY} characters.")

    @property
    def offer(self) -> Offer:
        """The chosen LLM.

        Raises:
            UnknownNameError: it is not offered.
        """
        return offer_called(self.llm)

    def mends(self, prompts: Sequence[Prompt]) -> bool:
        """Whether miscalculations are mended: where that helps each LLM that answers prompts."""
        answering = [_offer_of_arm(name) or self.offer for name in llms_of(prompts)]
        return bool(self.mend) and all(
            mending_helps(offer.name) for offer in answering or [self.offer]
        )

    def open(self, visitor: str, prompts: Sequence[Prompt]) -> Answering:
        """Who answers prompts; arguments and errors are those of ``open_for``."""
        return open_for(self.offer, self.key, visitor, prompts)


@dataclass(frozen=True)
class Prepared(Question):
    """A question as the controls say it is to be asked.

    Attributes:
        title: Over its answer.
        note: Where the chances come from.
        marks: What the ranking says beside prompts, by position.
        one_call: Whether the policy is one call of the best-ranked prompt.
    """

    title: str = ""
    note: str = ""
    marks: dict[int, str] = field(default_factory=dict)
    one_call: bool = False


def open_for(offer: Offer, key: str | None, visitor: str, prompts: Sequence[Prompt]) -> Answering:
    """Who answers prompts: the chosen LLM, or that of each arm; the operator's keeps to limits.

    Args:
        offer: The chosen LLM.
        key: A key of the visitor's own, empty without one.
        visitor: Whose limits count.
        prompts: Those that may be asked.

    Raises:
        LLMError: an LLM needs a key and none was typed, or it cannot be asked.
    """
    arms = {name: _open(_offer_of_arm(name) or offer, key, visitor) for name in llms_of(prompts)}
    if not arms:
        return _open(offer, key, visitor)
    return lambda prompt: arms[prompt.llm]


def _offer_of_arm(name: str) -> Offer | None:
    """The offered LLM that a log calls by a name; None where the chosen one has to answer."""
    names = (name, f"openai:{name}")
    return next((one for one in offered() if one.name in names or one.id in names), None)


def _open(offer: Offer, key: str | None, visitor: str) -> LLM:
    if is_missing(offer):
        raise LLMError(
            Failure(
                "not found",
                f"{offer.label} is not on this machine yet. Fetch it with the button under the "
                "choice of the LLM, or choose the embedded LLM.",
            )
        )
    return open_llm(offer, key=(key or "").strip(), session=visitor)


@lru_cache(maxsize=1)
def offered() -> tuple[Offer, ...]:
    """The LLMs that this machine and its operator offer, as they were when the page began.

    One that is not here and may not be fetched is left out.

    Raises:
        DataError: a setting of the operator's is none.
    """
    return tuple(one for one in offers() if not is_missing(one) or may_be_fetched(one))


def offer_called(name: str) -> Offer:
    """The offered LLM that the page knows by that name.

    Raises:
        UnknownNameError: none is called so.
    """
    known = {offer.id: offer for offer in offered()}
    if name not in known:
        raise UnknownNameError("LLM", name, tuple(known))
    return known[name]


def prepare(
    choices: Choices, own_log: OwnModel | None, known: Mapping[str, str] | None = None
) -> Prepared:
    """Rank the prompts for the chosen question and set up the policy.

    Args:
        choices: The controls.
        own_log: What the visitor's own log or model knows, None without one.
        known: Correct answers of questions that were drawn for this visitor.

    Raises:
        DataError: there is no question, no prompt is left, or the policy does not fit.
    """
    if choices.llm == RECORDED:
        query, gold, ranking, budget = _recorded(choices)
        note = _RECORDED_NOTE
    else:
        query = check_query(choices.question)
        ranking, budget, note = _typed(choices, query, own_log)
        # What is known of a question is a number.
        numbers = ranking.kind is NUMBERS
        gold = (known or {}).get(query) or gold_of(query) if numbers else None
        note = f"{ranking.doubt} {note}".strip()
    ids = [prompt.id for prompt in ranking.prompts]
    policy = policy_of(choices.policy, choices.calls, ids, budget)
    return Prepared(
        query,
        ranking,
        policy,
        gold,
        choices.mends(ranking.prompts),
        title_of(choices.policy, choices.calls),
        note,
        marks_of(choices.policy, policy, ranking.context),
        choices.policy == DEFAULT,
    )


def _recorded(choices: Choices) -> tuple[str, str, Ranking, Callable[[], BudgetModel]]:
    if choices.number is None:
        raise DataError("Choose one of the recorded questions from the list.")
    item = recorded_question(llms.get(RECORDED), choices.number)
    ranking = rank_recorded(choices.number, item["query"])
    budget = partial(budget_for_recorded, choices.number)
    return item["query"], item["gold"], ranking.only(_some(choices.prompt_ids)), budget


def _typed(
    choices: Choices, query: str, own_log: OwnModel | None
) -> tuple[Ranking, Callable[[], BudgetModel], str]:
    if choices.scored_by == OWN and own_log is not None:
        prompts = _chosen(own_log.prompts, choices)
        _check_known(own_log, choices.policy)
        budget = _budget_of(own_log.budget, own_log.unbudgeted)
        note = f"Chances come from {own_log.origin}.{_arms_note(prompts, choices.offer)}"
        return own_log.scorer.rank(query, prompts), budget, note
    # Another log may be of questions that have no numbers.
    check_computes(query)
    log = log_for(choices.llm)
    ranking = shipped_scorer(log).rank(query, _chosen(OFFERED, choices))
    return ranking, partial(budget_for, log), shipped_note(choices.llm)


def _check_known(own_log: OwnModel, policy: str) -> None:
    """Raise DataError where a policy goes by what a model's file does not say of its log."""
    row = offered_policies().get(policy)
    if row is not None and own_log.scorer.lacks & row[0].needs:
        raise DataError(
            f"{own_log.name} does not say how often each prompt was right, which this policy goes "
            "by. Choose another one, such as best-of-N."
        )


def _arms_note(prompts: Sequence[Prompt], chosen: Offer) -> str:
    """Who answers for the LLMs of a log; nothing where it has one."""
    absent = [name for name in llms_of(prompts) if _offer_of_arm(name) is None]
    if not absent:
        return ""
    are = "is" if len(absent) == 1 else "are"
    return f" {' and '.join(absent)} {are} not offered here: {chosen.label} answers instead."


def _budget_of(learned: BudgetModel | None, why_not: str) -> Callable[[], BudgetModel]:
    """Gives what the budget policy learned, or says why there is nothing."""

    def give() -> BudgetModel:
        if learned is None:
            raise DataError(why_not)
        return learned

    return give


def llm_note(offer: Offer) -> str:
    """Who answers, where a question goes and what it costs; how good the embedded LLM is."""
    if offer.name != EMBEDDED:
        return offer.note
    best = load_table("prompts")
    best = best[(best["llm"] == EMBEDDED) & (best["dataset"] == "all")]
    prompt_id = best.loc[best["accuracy"].idxmax(), "prompt_id"]
    table = load_table("embedded-accuracy")
    mine = table[table["prompt_id"] == prompt_id].set_index("dataset")["accuracy"]
    return (
        f"{offer.note} Its equations are computed, not guessed. With its best prompt it is right "
        f"on {100 * mine['own']:.0f} % of our own plain questions and on "
        f"{100 * mine['mawps']:.0f} % of MAWPS questions it never saw."
    )


def shipped_note(llm: str) -> str:
    """Where the chances for an LLM come from."""
    log = log_for(llm)
    own = " It stands in for an LLM without a log of its own." if is_stood_in_for(llm) else ""
    whose = "the embedded LLM" if log == EMBEDDED else LLM_LABELS[log]
    return f"Chances come from a reward model that learned from the log of {whose}.{own}"


def _chosen(logged: tuple[Prompt, ...], choices: Choices) -> tuple[Prompt, ...]:
    wanted = set(choices.prompt_ids)
    kept = tuple(prompt for prompt in logged if prompt.id in wanted)
    own = put_to_each(own_prompts(choices.own_prompts), kept or logged)
    _some([prompt.id for prompt in kept + own])
    known = {prompt.id for prompt in kept}
    return kept + tuple(prompt for prompt in own if prompt.id not in known)


def _some(prompt_ids: list[str]) -> list[str]:
    if not prompt_ids:
        raise DataError("No prompt is chosen. Choose at least one under “Prompts to consider”.")
    return prompt_ids


def own_prompts(text: str | None) -> tuple[Prompt, ...]:
    """The visitor's own prompts, one a line; a line that occurs twice counts once.

    Raises:
        DataError: there are more than ``MOST_OWN_PROMPTS``, or one is longer than
            ``LONGEST_PROMPT``.
    """
    lines = dict.fromkeys(line.strip() for line in (text or "").splitlines() if line.strip())
    if len(lines) > MOST_OWN_PROMPTS:
        raise DataError(
            f"There are {len(lines)} prompts of your own; at most {MOST_OWN_PROMPTS} are allowed."
        )
    for line in lines:
        if len(line) > LONGEST_PROMPT:
            raise DataError(
                f"A prompt of your own has {len(line):,} characters; at most {LONGEST_PROMPT:,} "
                "are allowed."
            )
    return tuple(own_prompt(line) for line in lines)
