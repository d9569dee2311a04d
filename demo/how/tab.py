"""How it works: the idea with a picture from the shipped artifacts, and what the numbers mean."""

import gradio as gr
import pandas as pd

from core.artifacts import load_table
from core.asking.examples import EXAMPLES, ranked_example
from core.demonstrations import EMBEDDED, STORIES
from demo.common import hidden
from demo.how.picture import calls_and_accuracy, heat_map
from demo.how.sentences import (
    calibration_sentence,
    equations_sentence,
    exhaustive_sentence,
    named,
    one_call_sentence,
    oracle_sentence,
    shown_rows,
    tally_sentence,
)
from demo.labels import LLM_LABELS
from demo.templates import html

COMPARISON = {"llm": EMBEDDED, "dataset": STORIES, "protocol": "clean", "prompt_set": "answered"}
"""The comparison beside the picture, of the same LLM and prompts."""
README_SECTIONS = ("Results", "LLMs", "How it works")
LINKS = (
    ("The paper, ICLR 2024", "https://arxiv.org/abs/2309.06553"),
    ("The authors’ code and logs", "https://github.com/holarissun/Prompt-OIRL"),
    ("Adaptive-Consistency, EMNLP 2023", "https://arxiv.org/abs/2305.11860"),
)
CITATION = r"""@inproceedings{sun2024query,
  title     = {Query-Dependent Prompt Evaluation and Optimization with Offline Inverse {RL}},
  author    = {Sun, Hao and H{\"u}y{\"u}k, Alihan and van der Schaar, Mihaela},
  booktitle = {International Conference on Learning Representations},
  year      = {2024}
}"""

# Browsers lend the clipboard to secure addresses alone; elsewhere the text is selected, to be
# copied by hand.
_COPY = """async () => {
  const text = document.querySelector(".how .citation");
  getSelection().selectAllChildren(text);
  if (!navigator.clipboard) return "Selected: copy it with the keyboard";
  await navigator.clipboard.writeText(text.textContent);
  return "Copied";
}"""


def build() -> None:
    """Lay out the tab inside the current Blocks."""
    frontier = load_table("frontier")
    rows = comparison_rows(frontier)
    with gr.Column(elem_classes="how"):
        with gr.Row(elem_classes="picture"):
            with gr.Column(scale=10, min_width=300):
                _html(steps_html() + _beside(rows))
            with gr.Column(scale=11, min_width=300):
                _html(picture_html())
        with gr.Row(elem_classes="notes"):
            with gr.Column(scale=4, min_width=300):
                _html(meaning_html(rows, load_table("summary")))
            with gr.Column(scale=4, min_width=300):
                _html(limits_html(frontier))
            with gr.Column(scale=3, min_width=260):
                _html(links_html())
                copy = gr.Button("Copy the citation", size="sm", elem_classes="copy")
                copy.click(None, None, copy, js=_COPY, **hidden("Copy the citation"))


def _html(text: str) -> gr.HTML:
    # Gradio's own style of running text would put borders and wide gaps into the tables.
    return gr.HTML(text, apply_default_css=False)


def comparison_rows(frontier: pd.DataFrame) -> pd.DataFrame:
    """The frontier rows of ``COMPARISON``."""
    chosen = pd.Series(COMPARISON)
    return frontier[(frontier[chosen.index] == chosen).all(axis=1)].reset_index(drop=True)


def picture_html() -> str:
    """The demo's own examples ranked by the shipped reward model."""
    logged = load_table("prompts")
    logged = logged[(logged["llm"] == EMBEDDED) & (logged["dataset"] == "all")]
    note = (
        f"Reward model of the {LLM_LABELS[EMBEDDED]} LLM, from {logged['n'].sum():,} "
        f"logged answers."
    )
    return heat_map(list(EXAMPLES), [ranked_example(question) for question in EXAMPLES], note)


def _beside(rows: pd.DataFrame) -> str:
    told = f"{one_call_sentence(rows)} {equations_sentence(load_table('equations'))}"
    return calls_and_accuracy(named(rows), shown_rows(rows), told)


def steps_html() -> str:
    """From logs to one call."""
    steps = (
        ("Logs", "Past benchmarks: which prompt was right on which query."),
        ("Reward model", "Learns from them how likely a prompt is right on a query it never saw."),
        ("Ranking", "Orders all prompts for a new query by that chance. No LLM is asked."),
        (
            "One call",
            "Best-of-N asks the LLM once, with the best prompt; exhaustive prompting asks with "
            "every prompt and takes a vote.",
        ),
    )
    return html(
        "<h2>One call, because the prompt is chosen first</h2><ol>"
        "{% for name, text in steps %}<li><b>{{ name }}</b> {{ text }}</li>{% endfor %}</ol>",
        steps=steps,
    )


def meaning_html(rows: pd.DataFrame, summary: pd.DataFrame) -> str:
    """What each number on the page stands for."""
    terms = (
        ("Predicted chance", calibration_sentence(summary)),
        ("Interval", "95 %. Of a chance: how sure the model is. Of an accuracy: over questions."),
        ("Calls, tokens", "Of every try, failed ones included."),
        ("Dollars", "List prices of the day shown. “No price”: nobody sells the LLM."),
        ("Clean split", "No query is judged by a model that saw it, or saw it with other numbers."),
        ("Published split", "The paper’s. Test queries occur in training, which rewards memory."),
        ("Oracle", oracle_sentence(rows)),
    )
    return html(
        "<h2>What the numbers mean</h2><dl>{% for name, text in terms %}"
        "<div><dt>{{ name }}</dt> <dd>{{ text }}</dd></div>{% endfor %}</dl>",
        terms=terms,
    )


def limits_html(frontier: pd.DataFrame) -> str:
    """What the numbers do not say."""
    limits = (
        tally_sentence(frontier),
        exhaustive_sentence(frontier),
        "The logs are arithmetic word problems in English; nothing is promised beyond them.",
        "A chance comes from one LLM’s log and speaks of that LLM.",
        "Most logs have one answer per query and prompt, so part of the oracle is luck.",
    )
    return html(
        "<h2>What they do not mean</h2>"
        "<ul>{% for text in limits %}<li>{{ text }}</li>{% endfor %}</ul>",
        limits=limits,
    )


def links_html() -> str:
    """Where to read on, and how to cite."""
    # The citation scrolls on narrow columns, which a keyboard can do to what takes the focus.
    return html(
        """<h2>Read on</h2><ul>
{% for text, address in links %}
<li><a href="{{ address }}" target="_blank" rel="noopener">{{ text }}</a></li>
{% endfor %}
<li>README.md, beside this program: {{ sections | join(", ") }}</li></ul>
<pre class="citation" role="region" aria-label="Citation in BibTeX" tabindex="0">
{{- citation }}</pre>""",
        links=LINKS,
        sections=README_SECTIONS,
        citation=CITATION,
    )
