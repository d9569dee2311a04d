"""The dial between one call and all of them: a learned vote and the value of another call.

Three small LightGBM models, learned from a log in which every query was answered with every prompt:

* the *verifier* (`core.policies.verifier`) reads the text of one answer and gives it a probability
  of being right;
* the *vote* (`evidence`) adds these up over the answers so far, beside how many agree and how good
  their prompts are, and gives each candidate a probability of being right;
* the *value of computation* (`training`; Russell and Wefald 1991, section 3) reads those beliefs
  and predicts how much likelier a right answer is after h more calls.

A query goes on while, for some h, that gain is worth more than h calls. Settled and hopeless
queries both stop early: neither has anything to gain. `core.policies.budgeted` is the policy.

Each batch size, and calls charged by tokens, has its own dial (`dial`). What all this was measured
to do, and how its choices were made, stands in `precomputed/DATA_CARD.md`.
"""

from core.policies.budget.model import Assessment, BudgetModel

__all__ = ["Assessment", "BudgetModel"]
