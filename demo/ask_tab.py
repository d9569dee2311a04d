"""Ask: an answer with one call, exhaustive prompting beside it, or a recorded question."""

import secrets
from html import escape
from typing import Any

import gradio as gr

from core import llms
from core.ask import solve
from core.errors import DataError, MissingDataError
from core.policies import BestOfN, MajorityVote
from core.ranking import QUERY_LIMIT, rank_recorded, recorded_question
from demo.answers import answers_html, stopped
from demo.asking import (
    MOST_CALLS,
    answer_question,
    ask_endpoint,
    compare_answers,
    compare_label,
    note,
    rank_endpoint,
    ranking_of,
)
from demo.common import LLM_EVENTS, hidden, shows_errors
from demo.ranking import ranking_html
from demo.session import Session

EXAMPLES = (
    "There are 6 boxes with 4 pencils in each box. How many pencils are there in all?",
    "A bus starts with 12 people. At the next stop 5 people get off and 9 get on. How many "
    "people are on the bus now?",
    "Nora bakes 48 cookies and puts them into bags of 6. How many bags does she fill?",
)
_EXAMPLE_NAMES = ("pencils in boxes", "a bus with a stop", "cookies in bags")
_INVITATION = """
<article class="card answer"><h3>The answer</h3>
<p class="quiet">Select “Solve” and the LLM is called once, with the prompt at the top of the
list.</p></article>"""
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


def _build_typed() -> None:
    session, asked = gr.State(Session()), gr.State(None)
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
    calls = gr.Slider(
        1,
        MOST_CALLS,
        value=1,
        step=1,
        label="Calls to spend on a question, on average",
        info="One is best-of-N. With more, prompts are asked one by one while it is worth it.",
    )
    with gr.Row(elem_classes="actions"):
        button = gr.Button("Solve", variant="primary", scale=4)
        stop = gr.Button("Stop", variant="secondary", scale=1)
    # The page opens on an example, so that a first visitor sees what it is about.
    first = ranking_of(EXAMPLES[0], None)
    with gr.Row(elem_classes="result"):
        with gr.Column(scale=4, min_width=300):
            answer = gr.HTML(_INVITATION)
            comparing = gr.Button(compare_label(first), interactive=False, size="md")
            comparison = gr.HTML("")
        with gr.Column(scale=6, min_width=300):
            shown = gr.HTML(ranking_html(first, note()))
    spent = gr.HTML("")
    reset = gr.Button("Reset this session", size="sm", visible=False)
    outputs = [shown, answer, comparison, comparing, asked, session, spent]
    running = [
        gr.on(
            [button.click, question.submit, own.submit],
            answer_question,
            [question, own, calls, session],
            outputs,
            show_progress="hidden",
            **LLM_EVENTS,
            **hidden("Solve"),
        ),
        comparing.click(
            compare_answers,
            [asked, session],
            [comparison, session, spent],
            show_progress="hidden",
            **LLM_EVENTS,
            **hidden("Compare"),
        ),
    ]
    for example, text in zip(examples, EXAMPLES, strict=True):
        filled = example.click(lambda text=text: text, None, question, **hidden("Fill in"))
        running.append(
            filled.then(
                answer_question,
                [question, own, calls, session],
                outputs,
                show_progress="hidden",
                **LLM_EVENTS,
                **hidden("Solve an example"),
            )
        )
    stop.click(
        lambda *cards: [stopped(card) or gr.skip() for card in cards],
        [answer, comparison],
        [answer, comparison],
        cancels=running,
        queue=False,
        **hidden("Stop"),
    )
    spent.change(lambda one: gr.update(visible=bool(one.entries)), session, reset, **hidden("Show"))
    reset.click(lambda: (Session(), ""), None, [session, spent], **hidden("Reset"))
    gr.api(rank_endpoint, api_name="rank")
    gr.api(ask_endpoint, api_name="ask", **LLM_EVENTS)


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
