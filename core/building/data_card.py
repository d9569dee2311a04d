"""The card that goes with the artifacts: what was made from what, under which licence, and how."""

import platform
from collections.abc import Mapping
from importlib.metadata import version

import pandas as pd

from core.costs.prices import PRICE_DATE, price_of
from core.demonstrations import DATASET_LABELS
from core.evaluation.budgeted import BATCH_DIALS
from core.evaluation.crossfit import FOLDS, REPETITIONS
from core.evaluation.frontier import one_row
from core.evaluation.statistics import RESAMPLES
from core.policies import entries, label_of
from core.policies.verifier.features import FEATURES
from core.reward import RewardModel

_LIBRARIES = ("lightgbm", "scikit-learn", "numpy", "scipy", "pandas", "genai-prices")


def data_card(models: Mapping[str, RewardModel], frontier: pd.DataFrame) -> str:
    """Write the card as Markdown.

    Args:
        models: The reward models that were saved, by the LLM they are for.
        frontier: The table that was saved.
    """
    trained = "\n".join(
        f"| `reward-{llm}.zip` | {model.description['demonstrations']:,} | "
        f"{model.description['queries']:,} | {len(model.prompts)} |"
        for llm, model in models.items()
    )
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return f"""# Data card

Tables and reward models in this folder are written by `python -m core precompute` from published
files whose checksums are in `core/logs/registry.txt`, and from the embedded LLM's log beside them.
Of the published data it holds no question, no answer of an LLM and no line of a log. Words and word
pairs that occur in several questions are the vocabulary of the reward models.

## Sources

| what | where | licence |
| --- | --- | --- |
| Prompt-OIRL logs (LLaMA2-7B-chat, GPT-3.5) | github.com/holarissun/Prompt-OIRL, 6455701 | MIT |
| GSM8K questions | github.com/openai/grade-school-math, 3101c7d | MIT |
| MAWPS and SVAMP questions | github.com/arkilpatel/SVAMP, 689d7cc | MIT |
| LLaMA-2 tokenizer, for counts | huggingface.co/hf-internal-testing/llama-tokenizer | Llama 2 |

LLaMA2-7B-chat answered once per query and prompt at temperature 0.6 and top-p 0.9, prompt and
answer cut at 512 tokens. Of GPT-3.5 the correctness of six prompts on the test queries was
published, and neither answers nor tokens.

## Files

| reward model | demonstrations | distinct queries | prompts |
| --- | --- | --- | --- |
{trained}

* `frontier.csv`: accuracy and cost of every policy, per LLM, data set, protocol and set of prompts;
  columns as `core.evaluation.report.frontier` describes them.
* `summary.csv`: summary metrics of the same comparisons.
* `reliability.csv`: predicted against observed chance of a right answer.
* `prompts.csv`: accuracy and tokens of each prompt.
* `examples.csv`: the page's own example questions ranked for the embedded LLM.
* `answers.csv`: ways of reading a final number, chosen on half of the queries, reported on the
  other half.
* `equations.csv`: how often answers are right whose equations hold, and those with a wrong one.
* `embedded/`: the embedded LLM, a LLaMA in the layout of the Hugging Face Hub, trained from scratch
  by `python -m core train-embedded` on questions of this project's own and on the equation
  templates of MAWPS, ASDiv and SVAMP with names, things and numbers drawn anew. `training.json`
  holds the recipes and learning curves of both parts of its training. Equations in its answers are
  computed, not guessed: whenever it has written "3 × 12 =", a calculator writes the result, after
  the calculation annotations of GSM8K (Cobbe et al. 2021, arXiv:2110.14168).
* `embedded-log.parquet`: its own log, made with `python -m core questions` and `python -m core
  collect`: sixteen prompts, questions in phrases that training never used, several samples each.
* `embedded-accuracy.csv`: its accuracy per prompt, by `python -m core measure-embedded`.
* `budget-*.zip`: what the budget policy learned from logs with answers to every prompt.
* `budget-learning.csv`: its accuracy against the number of logged queries.
* `budget-graders.csv`: its accuracy at 1 to 16 mean calls beside that of other policies, under the
  published and under this project's grader, each for reward models, votes and judgement alike.
* `recorded/`: what plays the 1,000 recorded GSM8K questions back: scores of the sixteen prompts,
  each from a model that did not see the question, and *budgeted* five times over, each learned from
  four folds; a question is answered by the one that did not see it.

## How

Clean protocol: {REPETITIONS} times {FOLDS}-fold cross-validation; questions that differ in their
numbers alone stay in one fold, across data sets. Intervals: {RESAMPLES:,} bootstrap draws of such
clusters.
Grader `published` is the published label; `project` is this project's reading of the answer.
Prices: {_prices(models)}, as listed on {PRICE_DATE}.
Labels of the reward models: published; for the embedded LLM this project's grading. Seed: 0.
Python {platform.python_version()}; {libraries}.

## The budget policy

Accuracy in percent, and the mean calls it took, for so many calls that were asked for; rows of
`frontier.csv`, printed by `python -m core evaluate --protocol clean --json`.

{_dials(frontier)}

* Beside other policies: `python -m core results`, and under both graders `python -m core graders`.
* From fewer logged queries: `budget-learning.csv`, by `python -m core precompute`.
* It reads the texts of answers: a verifier (LightGBM, {len(FEATURES)} features of one text) gives
  each its chance of being right, and the vote adds them up. `python -m core answers` prints how
  often answers are right whose equations hold, and those with a wrong one.
* The verifier of LLaMA2's GSM8K answers learns from the answers to training questions as well,
  which were logged with one prompt; of MAWPS and SVAMP hardly any question is left that is in no
  test part. The shipped model learned from mended answers.
* With one call it is the best single prompt unless best-of-N is significantly better in the
  training part; where parts disagree it lies between the two.

How it was chosen bears on how far these numbers can be trusted. What it reads from texts was chosen
on inner folds of two training parts of LLaMA2's GSM8K answers. There, on mended answers,

* of 67 features 17 added nothing and were left out: hedges, restarts, assumptions, words like
  "approximately", truncation, repeated sentences, boxed answers and such (area under the verifier's
  ROC curve .803 and .797 with all, .802 and .800 without);
* the words of the answer (TF-IDF in 30 dimensions) added nothing either (.799 and .799), nor did
  the prompt's chance and accuracy (.805 and .800 without), nor its usual length;
* the answers to training questions did: .818 and .815, and 44.2 % in place of 43.3 % right in the
  mean over 1.5 to 8 calls;
* votes by the verifier's chances alone were right on 42.7 %, with the learned vote on top on
  43.3 %; of 24 features of that vote 12 were left out without a loss;
* an order of prompts chosen by votes that count an answer's chance gave 44.1 % where equal votes
  gave 43.5 % (three parts); bags of three verifiers, larger trees and longer training gave 43.6 to
  43.8 %, and were left out. On the folds that are reported, which had been looked at once before
  that choice, the order made no clear difference.

These comparisons were made while building, and no command repeats them; single variants differ by
luck by about half a point. Without the verifier, with nine features of texts in the vote instead,
the same folds gave 41.2 % at four calls and 44.2 % at eight on answers as given, 43.4 % and 46.7 %
on mended ones.

The rule for stopping was compared earlier on the folds that are reported; what it was chosen among
differed by less than half a point, and by so much the choice may flatter. The reader of equations
was corrected while looking at LLaMA2's answers to all queries, right and wrong ones; the embedded
LLM's answers, at which nobody looked, are the check that it was not fitted to these.
"""


def _dials(frontier: pd.DataFrame) -> str:
    """Accuracy and mean calls of each variant of the budget policy, a row per number asked for."""
    names = [entry.name for entry in entries().values() if entry.learned is not None]
    lines = [
        f"| LLM | data set | asked for | {' | '.join(map(label_of, names))} |",
        f"| --- | --- | ---: |{' ---: |' * len(names)}",
    ]
    given = frontier[frontier["prompt_set"] != "mended"]
    rows = given[given["policy"].isin(names) & given["parameter"].isin(BATCH_DIALS)]
    for (llm, dataset, asked), mine in rows.groupby(["llm", "dataset", "parameter"], sort=False):
        shown = " | ".join(_in_calls(one_row(mine, name)) for name in names)
        lines.append(f"| {llm} | {DATASET_LABELS[dataset]} | {asked:g} | {shown} |")
    return "\n".join(lines)


def _in_calls(row: pd.Series | None) -> str:
    return "—" if row is None else f"{100 * row['accuracy']:.1f} in {row['calls']:.1f}"


def _prices(models: Mapping[str, RewardModel]) -> str:
    parts = []
    for llm in models:
        price = price_of(llm)
        parts.append(
            f"{llm} ${price.prompt:g} in and ${price.completion:g} out per million tokens "
            f"({price.provider}, {price.source})"
            if price
            else f"{llm} no price"
        )
    return "; ".join(parts)
