"""The dial between one call and all of them: a learned vote and the value of another call.

Two small LightGBM models, learned from a log in which every query was answered with every prompt:

* the *vote* (`evidence`) reads what was answered so far and gives each candidate answer a
  probability of being right;
* the *value of computation* (`training`; Russell and Wefald 1991, section 3) reads those beliefs
  and predicts how much likelier a right answer is after h more calls.

A query goes on while, for some h, that gain is worth more than h calls. Settled and hopeless
queries both stop early: neither has anything to gain. `core.policies.budgeted` is the policy.

Each batch size, and calls charged by tokens, has its own dial (`dial`).

Measured on LLaMA2's GSM8K answers (1,000 queries, 16 prompts, three repetitions of five folds, this
project's grader):

* mean accuracy from 1 to 8 calls .368, above Adaptive-Consistency's by .033 (95 % .021 to .044) and
  above its by .021 (.011 to .030) where that is also capped at a number of calls;
* .365 at a mean of 4 calls, below exhaustive majority vote by .035 (.017 to .054). Exhaustive has
  .400, which takes 8 to 9 calls, not 4. By the published grader .319 against .330, a difference of
  .011 (-.007 to .029), not significant;
* the dial takes 2.0, 4.0 and 8.0 mean calls for 2, 4 and 8 in batches of two, 2.1, 3.9 and 8.0 in
  batches of four. With one dial for all it took 3.4, 5.0 and 8.9, and 4.5, 6.1 and 9.9;
* one call is the best single prompt's, .292; it was .285 with tokens weighed in the first place, a
  significant difference of .007 (.001 to .014). On the embedded LLM's questions one call has .439,
  below best-of-N's .452 by .012 (.003 to .022): only 7 of 15 training parts told that best-of-N is
  the better start;
* learned from 50, 100, 200, 400 and 800 logged queries, mean accuracy from 1 to 8 calls is .314,
  .336, .352, .366 and .372 (first repetition): 200 beat a majority vote learned from 800, and more
  than 400 add little.

MAWPS (1,685 queries, 12 prompts, one repetition) was looked at once, with one dial for all: mean
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
  together, too little to be worth its time here;
* best-of-N's prompt first where it is right more often in the training part by a standard error,
  not significantly: .286 instead of .289 at one call on GSM8K, both with ties of accuracy going to
  the cheaper prompt. Both rules were run over the reported folds.

Tried on inner folds of two training parts alone, for the vote at fixed numbers of calls (mean
accuracy from 1 to 8 calls, .371 as it is); none was taken:

* 4 or 15 leaves, 30 or 120 rounds, leaves of 400, three bags: .366 to .372;
* votes, lead, share and log-odds monotone, or early states weighted more: .371;
* which of the sixteen prompts gave the answer, one by one: .369;
* log-odds of being right for every pair of prompts that agree, summed, averaged and the largest,
  shrunk by 10 or 50 queries: .369 and .370.
"""

from core.budget.model import Assessment, BudgetModel

__all__ = ["Assessment", "BudgetModel"]
