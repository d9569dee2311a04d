"""Policies: which prompts to call for a query, in what order, when to stop, how to merge."""

from core.policies.base import Context, Policy, Reply, Request, Selection, run
from core.policies.by_name import needs_of, policy_by_name
from core.policies.entry import Need
from core.policies.registry import entries, is_learned, label_of, policy_names
from core.policies.single import BestOfN, BestSingle, CostAware, RandomPrompt
from core.policies.votes import AdaptiveConsistency, MajorityVote, RewardVote, SelfCritique

__all__ = [
    "AdaptiveConsistency",
    "BestOfN",
    "BestSingle",
    "Context",
    "CostAware",
    "MajorityVote",
    "Need",
    "Policy",
    "RandomPrompt",
    "Reply",
    "Request",
    "RewardVote",
    "Selection",
    "SelfCritique",
    "entries",
    "is_learned",
    "label_of",
    "needs_of",
    "policy_by_name",
    "policy_names",
    "run",
]
