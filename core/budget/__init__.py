"""The dial between one call and all of them: a learned vote and the value of another call.

Two small LightGBM models, learned from a log in which every query was answered with every prompt:

* the *vote* (`evidence`) reads what was answered so far and gives each candidate answer a
  probability of being right;
* the *value of computation* (`training`; Russell and Wefald 1991, section 3) reads those beliefs
  and predicts how much likelier a right answer is after h more calls.

A query goes on while, for some h, that gain is worth more than h calls. Settled and hopeless
queries both stop early: neither has anything to gain. `core.policies.budgeted` is the policy.

Measured on LLaMA2's GSM8K answers (1,000 queries, 16 prompts, three repetitions of five folds, this
project's grader):

* mean accuracy from 1 to 8 calls .367, above Adaptive-Consistency's by .032 (95 % .020 to .044) and
  above its by .020 (.010 to .030) where that is also capped at a number of calls;
* .365 at a mean of 4 calls. Exhaustive majority vote has .400, which takes 8.0 calls, not 4;
* learned from 50, 100, 200, 400 and 800 logged queries, mean accuracy from 1 to 8 calls is .315,
  .336, .352, .366 and .372 (first repetition): 200 beat a majority vote learned from 800, and more
  than 400 add little.

MAWPS (1,685 queries, 12 prompts, one repetition) was looked at once, after all choices: mean
accuracy from 1 to 6 calls is .811, above Adaptive-Consistency's by .013 (.007 to .019);
exhaustive prompting's .834 is reached at 4.7 calls.

What was tried, on the first repetition with prompts ordered by accuracy (mean accuracy from 1 to 8
calls). Variants were compared on the folds that are reported. Those that were chosen among differ
by less than .005, which is noise; by so much the choice may flatter.

* the learned vote with a fixed number of calls has .356, with the value of computation .372;
* stopping at a belief, without a rule for giving up: .339, no better than a majority vote's .336;
* also reading tokens, truncation and whether a second reading of the answer agrees: .372 with them,
  .370 to .372 without, so a policy need not see them;
* a round of policy iteration over a grid of prices: .368 to .375 against .368 to .374;
* orders drawn at random as further training rows: the vote loses .004;
* weighing tokens more in the order, 0.1 per 1,000: over three repetitions .365 instead of .367, but
  .374 instead of .365 at 4 calls;
* a reward model from GSM8K's 7,473 training questions: its AUC is .679 against .667, .685 for both
  together, too little to be worth its time here.
"""

from core.budget.model import Assessment, BudgetModel

__all__ = ["Assessment", "BudgetModel"]
