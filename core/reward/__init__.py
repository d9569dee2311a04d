"""The offline reward model: (query, prompt) to the chance that the LLM answers correctly.

It is learned from logs alone, without asking the LLM anything (Sun et al. 2024, section 4). On the
logit scale a prediction is the sum of

* the difficulty of the query, a small LightGBM ensemble (`means`),
* the prompt's offset and a strongly shrunk linear deviation, how much better or worse than usual
  the prompt does on queries like this one (`deviations`),
* for a query that was logged before, what happened then (`memory`).

A prompt that was never logged is scored as a blend of those that were, after its wording
(`wording`).
"""

from core.reward.model import Prediction, RewardModel

__all__ = ["Prediction", "RewardModel"]
