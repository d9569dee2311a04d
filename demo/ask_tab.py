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
            typed = _build_typed()
        with gr.Tab("A recorded question"):
            recorded = _build_recorded()
    answers = gr.HTML(visible=False)
    shown = gr.HTML(_first_ranking())
    _wire_typed(typed, answers, shown)
    if recorded:
        _wire_recorded(recorded, answers, shown)


def _first_ranking() -> str:
    """The page opens on an example, so that a first visitor sees what it is about."""
    return ranking_html(rank(EXAMPLES[0]), _TYPED_NOTE)


def _build_typed() -> dict[str, Any]:
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
    return {"question": question, "examples": examples, "own": own, "button": button}


@shows_errors
def show_ranking(question: str, own: str | None) -> tuple[Any, str]:
    """Rank the sixteen prompts and the visitor's own for a typed question.

    A box in an accordion that was never opened sends None.
    """
    own = (own or "").strip()
    prompts = PROMPTS + ((own_prompt(own),) if own else ())
    return gr.update(visible=False), ranking_html(rank(question, prompts), _TYPED_NOTE)


@shows_errors
def rank_endpoint(question: str) -> list[dict[str, Any]]:
    """Rank the sixteen published prompts for a question, best first."""
    return rank(question).rows()


def _wire_typed(typed: dict[str, Any], answers: gr.HTML, shown: gr.HTML) -> None:
    inputs, outputs = [typed["question"], typed["own"]], [answers, shown]
    gr.on(
        [typed["button"].click, typed["question"].submit, typed["own"].submit],
        show_ranking,
        inputs,
        outputs,
        **hidden("Rank the prompts"),
    )
    for button, text in zip(typed["examples"], EXAMPLES, strict=True):
        button.click(
            lambda own, text=text: (text, *show_ranking(text, own)),
            typed["own"],
            [typed["question"], *outputs],
            **hidden("Fill in an example"),
        )
    gr.api(rank_endpoint, api_name="rank")


def _build_recorded() -> dict[str, Any]:
    try:
        questions = llms.get("recorded:gsm8k").questions
    except MissingDataError as error:
        gr.HTML(_how_to_get(error))
        return {}
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
    return {"number": number, "draw": draw, "count": len(questions)}


def _how_to_get(error: MissingDataError) -> str:
    return f"""
<section class="notice">
  <p>Recorded answers are published files that are not on this machine yet. Fetch them with
  <code>python -m core fetch</code> and start the demo again.</p>
  <details><summary>Which file is missing</summary>
    <p class="quiet">{escape(str(error))}</p></details>
</section>"""


@shows_errors
def play_back(number: int | None) -> tuple[Any, str]:
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
    return gr.update(value=html, visible=True), ranking_html(ranking, _RECORDED_NOTE)


def _wire_recorded(recorded: dict[str, Any], answers: gr.HTML, shown: gr.HTML) -> None:
    recorded["number"].input(
        play_back, recorded["number"], [answers, shown], **hidden("Play a question back")
    )

    def draw() -> tuple[Any, ...]:
        number = secrets.randbelow(recorded["count"])
        return (number, *play_back(number))

    recorded["draw"].click(
        draw, None, [recorded["number"], answers, shown], **hidden("Pick a question")
    )
