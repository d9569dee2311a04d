"""Ask: rank the prompts for a question, or play back a recorded one."""

import secrets
from html import escape
from typing import Any

import gradio as gr

from core import llms
from core.ask import (
    QUERY_LIMIT,
    rank,
    rank_recorded,
    recorded_question,
    solve,
)
from core.errors import DataError, MissingDataError
from core.policies import BestOfN, MajorityVote
from core.prompts import PROMPTS, own_prompt
from demo.answers import answers_html
from demo.common import hidden, shows_errors
from demo.ranking import ranking_html

EXAMPLES = (
    "Leo had 30 dollars. He bought 4 pens for 3 dollars each. How much money is left?",
    "A bus starts with 12 people. At each of 3 stops 2 people get off and 5 get on. How many "
    "people are on the bus now?",
    "Nora bakes 48 cookies and puts them into bags of 6. She sells each bag for $2.50. How much "
    "does she earn?",
)
_EXAMPLE_NAMES = ("pens from 30 dollars", "a bus with stops", "cookies in bags")
_TYPED_NOTE = (
    "Scored by the reward model of LLaMA2-7B-chat, learned from logs of past benchmarks. Nothing "
    "was sent to an LLM, so there is no answer to a typed question here: the model says which "
    "prompt to spend the one call on."
)
_RECORDED_NOTE = (
    "Scored by a reward model that never saw this question: its part of the log was left out."
)
_WORDS_SHOWN = 9


def build() -> None:
    """Lay out the tab inside the current Blocks."""
    with gr.Tabs(elem_classes="inner-tabs"):
        with gr.Tab("Your question"):
            _build_typed()
        with gr.Tab("A recorded question"):
            _build_recorded()


def _first_ranking() -> str:
    """The page opens on an example, so that a first visitor sees what it is about."""
    return ranking_html(rank(EXAMPLES[0]), _TYPED_NOTE)


def _build_typed() -> None:
    question = gr.Textbox(
        EXAMPLES[0],
        label="What would you like solved?",
        placeholder="Type an arithmetic question, for example about prices, ages or distances.",
        # With one line to start from, Enter asks and the box still grows with a long question.
        lines=1,
        max_lines=8,
        max_length=QUERY_LIMIT + 1,
    )
    with gr.Row(elem_classes="examples"):
        gr.HTML('<span class="quiet">Try</span>', elem_classes="try")
        examples = [gr.Button(name, size="sm", variant="secondary") for name in _EXAMPLE_NAMES]
    with gr.Accordion("Add a prompt of your own", open=False):
        own = gr.Textbox(
            label="Your prompt",
            info="Put after the question. It was never logged, so its interval is wider.",
            placeholder="Check your work before you answer:",
            max_length=1000,
        )
    button = gr.Button("Rank the prompts", variant="primary")
    shown = gr.HTML(_first_ranking())
    gr.on(
        [button.click, question.submit, own.submit],
        show_ranking,
        [question, own],
        shown,
        **hidden("Rank the prompts"),
    )
    for example, text in zip(examples, EXAMPLES, strict=True):
        example.click(
            lambda own, text=text: (text, show_ranking(text, own)),
            own,
            [question, shown],
            **hidden("Fill in an example"),
        )
    gr.api(rank_endpoint, api_name="rank")


@shows_errors
def show_ranking(question: str, own: str | None) -> str:
    """Rank the sixteen prompts and the visitor's own for a typed question.

    A box in an accordion that was never opened sends None.
    """
    own = (own or "").strip()
    prompts = PROMPTS + ((own_prompt(own),) if own else ())
    return ranking_html(rank(question, prompts), _TYPED_NOTE)


@shows_errors
def rank_endpoint(question: str) -> list[dict[str, Any]]:
    """Rank the sixteen published prompts for a question, best first."""
    return rank(question).rows()


def _build_recorded() -> None:
    try:
        questions = llms.get("recorded:gsm8k").questions
    except MissingDataError as error:
        gr.HTML(_how_to_get(error))
        return
    choices = [
        (f"{number} · {' '.join(text.split()[:_WORDS_SHOWN])} …", number)
        for number, text in enumerate(questions["query"])
    ]
    with gr.Row():
        number = gr.Dropdown(
            choices,
            value=None,
            label="GSM8K test question",
            info="1,000 questions with sixteen recorded LLaMA2 answers each. Type to search.",
            scale=4,
        )
        draw = gr.Button("Pick one at random", scale=1)
    answers, shown = gr.HTML(), gr.HTML()
    number.input(play_back, number, [answers, shown], **hidden("Play a question back"))

    def draw_number() -> tuple[Any, ...]:
        drawn = secrets.randbelow(len(questions))
        return (drawn, *play_back(drawn))

    draw.click(draw_number, None, [number, answers, shown], **hidden("Pick a question"))


def _how_to_get(error: MissingDataError) -> str:
    return f"""
<section class="notice">
  <p>Recorded answers are published files that are not on this machine yet. Fetch them with
  <code>python -m core fetch</code> and start the demo again.</p>
  <details><summary>Which file is missing</summary>
    <p class="quiet">{escape(str(error))}</p></details>
</section>"""


@shows_errors
def play_back(number: int | None) -> tuple[str, str]:
    """Best-of-N and exhaustive prompting on a recorded question."""
    if number is None:
        raise DataError("Choose one of the recorded questions from the list.")
    llm = llms.get("recorded:gsm8k")
    item, ranking = recorded_question(llm, number), rank_recorded(number)
    one, all_of_them = (
        solve(item["query"], ranking, policy, llm, item["gold"])
        for policy in (BestOfN(), MajorityVote(len(ranking.prompts)))
    )
    html = answers_html(item["query"], item["gold"], one, all_of_them)
    return html, ranking_html(ranking, _RECORDED_NOTE)
