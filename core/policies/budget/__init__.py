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

* mean accuracy from 1 to 8 calls .408, above Adaptive-Consistency's by .073 (95 % .058 to .087) and
  above its by .061 (.047 to .074) where that is also capped at a number of calls;
* .409 at a mean of 4 calls, .009 above exhaustive majority vote with 16 (-.011 to .028), .446 at 8,
  .456 with all. By the published grader .360 at 4 calls, .030 above exhaustive (.007 to .051);
* the vote reads the texts of answers: those with a wrong equation are right in 4 % of cases, those
  whose equations all hold in 33 % (`core.evaluation.equation_report`). Before it did, it had .365
  at 4 calls and .368 from 1 to 8;
* the dial takes 2.0, 4.0 and 8.1 mean calls for 2, 4 and 8 in batches of two, 2.0, 3.9 and 8.1 in
  batches of four;
* one call is the best single prompt's, .292. On the embedded LLM's questions one call has .439,
  below best-of-N's .452 by .012 (.003 to .022): only 7 of 15 training parts told that best-of-N is
  the better start. Two calls have .525 there, .038 (.020 to .056) above exhaustive majority vote;
* the reader of equations was corrected while looking at LLaMA2's answers to all queries, right and
  wrong ones. The embedded LLM's answers, at which nobody looked, are the check that it was not
  fitted to these;
* learned from 50, 100, 200, 400 and 800 logged queries, mean accuracy from 1 to 8 calls is .319,
  .348, .377, .385 and .410 (first repetition).

MAWPS (1,685 queries, 12 prompts, one repetition) was looked at once, without texts and with one
dial for all: mean accuracy from 1 to 6 calls is .811, above Adaptive-Consistency's by .013 (.007 to
.019); exhaustive prompting's .834 is reached at 4.7 calls.

What the texts add was chosen on inner folds of two training parts alone, with the reader as it was
first (mean accuracy from 1 to 8 calls, .384 without texts for the whole policy, .368 for the vote
at fixed numbers of calls):

* how many equations are right and wrong, the share of the question's numbers that is used, numbers
  from nowhere, whether the last equation comes to the answer, and lengths: .411, and .399 at fixed
  numbers;
* an order of prompts in which votes of answers with a wrong equation do not count: .418;
* equations alone, without the rest: .396 at fixed numbers; with how much the numbers of the answers
  overlap: .400 against .403 without; 60 or 200 rounds: .399 and .400 against .401 for 120;
* the same features in the value of computation, beside the beliefs: .410 to .411, not taken.

What was tried before texts were read, on the first repetition with prompts ordered by accuracy
(mean accuracy from 1 to 8 calls). Variants were compared on the folds that are reported. Those that
were chosen among differ by less than .005, which is noise; by so much the choice may flatter.

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

from core.policies.budget.model import Assessment, BudgetModel

__all__ = ["Assessment", "BudgetModel"]
