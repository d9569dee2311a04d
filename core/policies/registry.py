"""All about each policy in one row: its name, words, settings, and where it is run and shown.

Command line, page, figures, replay and README take from here what they say of a policy. A further
policy is its class and a row in ``REGISTRY``.
"""

from types import MappingProxyType

from core.policies.entry import WORTH, Choice, Entry, Need, Setting
from core.policies.rivals import ConfidenceVote, DifficultyAdaptive, EarlyStopping
from core.policies.single import BestOfN, BestSingle, CostAware, RandomPrompt
from core.policies.votes import (
    AdaptiveConsistency,
    CheckedConsistency,
    MajorityVote,
    RewardVote,
    SelfCritique,
)

_PENALTIES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_CONFIDENCES = (0.7, 0.78, 0.8, 0.85, 0.88, 0.9, 0.95, 0.99)
_CAPPED_AT = 0.78
"""Confidence under a cap on calls: the smallest that asks for more than one vote."""
_LOGGED: frozenset[Need] = frozenset({"logged prompts"})
_VOTES: frozenset[Need] = frozenset({"logged prompts", "answers"})
_SPENT = "Calls to spend on a question"

REGISTRY: tuple[Entry, ...] = (
    Entry(
        "best-of-n",
        "best-of-N",
        make=lambda _: BestOfN(),
        replayed=lambda prompts, seed: [BestOfN()],
        choices=(Choice(0, "Best-of-N: one call", "Best-of-N: one call with the chosen prompt"),),
        ours=True,
    ),
    Entry(
        "best-single",
        "best single prompt",
        make=lambda _: BestSingle(),
        replayed=lambda prompts, seed: [BestSingle()],
        needs=_LOGGED,
        choices=(
            Choice(6, "Best single prompt: one call", "Best single prompt of the log: one call"),
        ),
    ),
    Entry(
        "cost-aware",
        "cost-aware best-of-N",
        make=CostAware,
        setting=Setting(0.0, 100.0, 0.5, whole=False),
        replayed=lambda prompts, seed: [CostAware(value) for value in _PENALTIES],
        needs=frozenset({"tokens"}),
        ours=True,
    ),
    Entry(
        "majority-vote",
        "majority vote",
        make=lambda k: MajorityVote(int(k)),
        setting=Setting(1, None, None),
        replayed=lambda prompts, seed: [MajorityVote(k) for k in range(1, prompts + 1)],
        needs=_VOTES,
        curve=True,
        rival=3,
        choices=(Choice(4, "Majority vote", "Majority vote of {calls} calls", _SPENT),),
    ),
    Entry(
        "reward-vote",
        "reward-weighted vote",
        make=lambda k: RewardVote(int(k)),
        setting=Setting(1, None, None),
        # With one call it is best-of-N.
        replayed=lambda prompts, seed: [RewardVote(k) for k in range(2, prompts + 1)],
        needs=_VOTES,
        curve=True,
        choices=(
            Choice(5, "Reward-weighted vote", "Reward-weighted vote of {calls} calls", _SPENT),
        ),
        ours=True,
    ),
    Entry(
        "adaptive-consistency",
        "Adaptive-Consistency",
        make=AdaptiveConsistency,
        setting=Setting(0.5, 1.0, 0.95, whole=False),
        replayed=lambda prompts, seed: [AdaptiveConsistency(value) for value in _CONFIDENCES],
        needs=_VOTES,
        curve=True,
        rival=0,
        choices=(
            Choice(
                3,
                "Adaptive-Consistency",
                "Adaptive-Consistency: calls until the vote is settled",
            ),
        ),
    ),
    Entry(
        "capped-consistency",
        "Adaptive-Consistency, capped",
        replayed=lambda prompts, seed: [
            AdaptiveConsistency(_CAPPED_AT, most) for most in range(1, prompts + 1)
        ],
        needs=frozenset({"nested folds"}),
        curve=True,
        shown="rivals",
        rival=1,
    ),
    Entry(
        "checked-consistency",
        "Adaptive-Consistency, equations checked",
        replayed=lambda prompts, seed: [CheckedConsistency(value) for value in _CONFIDENCES],
        needs=_VOTES,
        curve=True,
        shown="rivals",
        rival=2,
    ),
    Entry(
        "early-stopping",
        "ESC, windows that agree",
        make=lambda window: EarlyStopping(int(window)),
        setting=Setting(2, None, 4),
        replayed=lambda prompts, seed: [EarlyStopping(w) for w in range(2, prompts)],
        needs=_VOTES,
        curve=True,
        shown="rivals",
    ),
    Entry(
        "difficulty-adaptive",
        "DSC, by difficulty",
        replayed=lambda prompts, seed: [DifficultyAdaptive(value) for value in _CONFIDENCES],
        needs=_VOTES,
        curve=True,
        shown="rivals",
    ),
    Entry(
        "confidence-vote",
        "CISC, the LLM's own confidence",
        replayed=lambda prompts, seed: [ConfidenceVote(k) for k in range(2, prompts + 1)],
        needs=_VOTES | {"verdicts"},
        curve=True,
        shown="rivals",
    ),
    Entry(
        "random",
        "random prompt",
        make=lambda _: RandomPrompt(seed=0),
        replayed=lambda prompts, seed: [RandomPrompt(seed)],
        drawn=True,
    ),
    Entry(
        "self-critique",
        "LLM self-critique",
        replayed=lambda prompts, seed: [SelfCritique(seed)],
        drawn=True,
        needs=frozenset({"verdicts"}),
    ),
    Entry(
        "budgeted",
        "budgeted",
        learned=MappingProxyType({}),
        curve=True,
        choices=(
            Choice(
                1,
                "Budgeted: calls where they help",
                "Budgeted: about {calls} calls a question",
                "Calls to spend on a question, on average",
            ),
            Choice(
                2,
                "Budgeted: while an answer is worth it",
                "Budgeted: a right answer is worth {calls} calls",
                "Calls that one more right answer is worth",
                suffix="-worth",
                form="{name}:" + WORTH + "{calls}",
                high=200,
                start=50,
            ),
        ),
        ours=True,
    ),
    Entry(
        "budgeted-tokens",
        "budgeted, by tokens",
        learned=MappingProxyType({"unit": "tokens"}),
        curve=True,
        shown="tables",
    ),
    Entry(
        "budgeted-2-at-once",
        "budgeted, 2 calls at once",
        learned=MappingProxyType({"batch": 2}),
        curve=True,
        shown="tables",
    ),
    Entry(
        "budgeted-4-at-once",
        "budgeted, 4 calls at once",
        learned=MappingProxyType({"batch": 4}),
        curve=True,
        shown="tables",
    ),
    Entry("hindsight-single", "best single prompt in hindsight", deployable=False, shown="tables"),
    Entry("oracle", "oracle", deployable=False),
)


def entries() -> dict[str, Entry]:
    """The registry by name, in its order."""
    return {entry.name: entry for entry in REGISTRY}


def policy_names() -> tuple[str, ...]:
    """Names that can be asked for, those without a setting first."""
    known = [entry for entry in REGISTRY if entry.make is not None or entry.learned is not None]
    return tuple(entry.name for entry in sorted(known, key=lambda entry: not entry.single))


def rivals() -> tuple[str, ...]:
    """Policies that the budget policy is set against, in the order of the README's columns."""
    found = [(entry.rival, entry.name) for entry in REGISTRY if entry.rival is not None]
    return tuple(name for _, name in sorted(found))


def is_learned(text: str) -> bool:
    """Whether a name, with its setting or without, is that of a policy learned from a log."""
    entry = entries().get(text.partition(":")[0])
    return entry is not None and entry.learned is not None


def label_of(name: str) -> str:
    """A policy as people read it; a name that is not in the registry as it is."""
    entry = entries().get(name)
    return name if entry is None else entry.label
