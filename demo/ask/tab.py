"""Ask: an answer with one call or a few, exhaustive prompting beside it."""

from types import SimpleNamespace
from typing import Any

import gradio as gr

from core.asking.examples import EXAMPLES, FIRST, ranked_example
from core.policies import BestOfN
from demo.ask import controls as controls
from demo.ask.choices import llm_note, offered, shipped_note
from demo.ask.endpoints import ask_endpoint, rank_endpoint
from demo.ask.estimate import compare_label, race_label
from demo.ask.events import (
    answer_question,
    compare_answers,
    rank_anew,
    rank_typed,
    reset,
    stop,
)
from demo.ask.fetching import fetch_button, fetch_llm, offer_fetching
from demo.ask.policies import DEFAULT, marks_of
from demo.ask.race import draw_question, run_race
from demo.ask.recorded import draw_number, recorded_text
from demo.ask.session import Session
from demo.ask.stand_in import choose_stand_in, offer_stand_in, stand_in_choice
from demo.ask.views.answer import COMPARISON_INVITATION, INVITATION
from demo.ask.views.ranking import ranking_html
from demo.browser_code import (
    AFTER_A_PAUSE,
    LINK,
    READ_QUESTION,
    SHOW_ANSWER,
    copy_question,
    drop_older,
    offer_again,
)
from demo.common import LLM_EVENTS, hidden
from demo.templates import quiet

_RACE_NOTE = (
    "Questions whose answers are known, each asked with one call and with every prompt; a policy "
    "of several calls runs beside. See accuracy against calls, live."
)
_EXAMPLE_NAMES = ("pencils in boxes", "a discount", "cookies in bags")
# On a phone the settings are folded away until somebody wants them.
_UNFOLD = (
    '<label class="unfold"><input type="checkbox"> LLM, policy and their settings</label>'
    '<span class="unseen ask-status" role="status"></span>'
)
_STATUS = ".ask-status"
_QUIET: dict[str, Any] = {"show_progress": "hidden"}


def build(app: gr.Blocks, own_log: gr.State) -> None:
    """Lay out the tab inside the current Blocks.

    Args:
        app: The page.
        own_log: What the visitor's own log or model knows, None without one.
    """
    page = SimpleNamespace(own_log=own_log)
    chosen = _build_controls(page)
    _build_results(page)
    # What a visitor spent is added to by all events, so that none is an output of another.
    page.session = gr.State(Session())
    _connect_controls(chosen, page)
    _connect_asking(chosen, page)
    app.load(None, chosen.question, chosen.question, js=READ_QUESTION, **hidden("Linked question"))
    gr.api(rank_endpoint, api_name="rank")
    gr.api(ask_endpoint, api_name="ask", **LLM_EVENTS)


def _build_controls(page: SimpleNamespace) -> controls.Controls:
    """Lay out what a question is asked with; rows that come and go with the LLM are on the page."""
    with gr.Row(elem_classes="question-row"):
        with gr.Column(scale=6, min_width=320):
            question = controls.question_box(FIRST)
            with gr.Row(elem_classes="examples") as page.examples:
                gr.HTML('<span class="quiet">Try</span>', elem_classes="try")
                page.example_buttons = [
                    gr.Button(name, size="sm", variant="secondary") for name in _EXAMPLE_NAMES
                ]
                page.new = gr.Button("a new one, answer known", size="sm", variant="secondary")
                page.link = gr.Button(LINK, size="sm", variant="secondary", elem_classes="link")
            gr.HTML(_UNFOLD)
            number = controls.recorded_choice()
            page.draw = gr.Button(
                "Pick one at random", size="sm", visible=False, elem_classes="small"
            )
            page.recorded = gr.HTML("", visible=False)
        with gr.Column(scale=5, min_width=320, elem_classes="settings"):
            with gr.Row(elem_classes="controls"):
                llm = controls.llm_choice()
                policy, calls = controls.policy_choice()
            key = controls.key_box()
            page.note = gr.HTML(quiet(llm_note(offered()[0])), elem_classes="llm-note")
            page.fetch = fetch_button()
    with gr.Row(elem_classes="actions"):
        page.solve = gr.Button("Solve", variant="primary", scale=4)
        page.stop = gr.Button("Stop", variant="secondary", scale=1, elem_classes="stop")
    with gr.Accordion("Prompts to consider, how answers are read, and prices", open=False):
        prompts, own, scored_by = controls.prompt_choices()
        mend = controls.mend_choice()
        page.stand_in = stand_in_choice(offered()[0])
    page.known = gr.State({})
    return controls.Controls(
        llm, key, question, number, policy, calls, prompts, own, scored_by, mend
    )


def _build_results(page: SimpleNamespace) -> None:
    """Lay out where the results of a question stand."""
    # The page opens on an example, so that a first visitor sees what it is about.
    llm = offered()[0]
    first = ranked_example(FIRST)
    marks = marks_of(DEFAULT, BestOfN(), first.context)
    with gr.Row(elem_classes="result"):
        with gr.Column(scale=7, min_width=320):
            page.verdict = gr.HTML("")
            with gr.Row(elem_classes="pair"):
                with gr.Column(min_width=260):
                    page.answer = gr.HTML(INVITATION)
                with gr.Column(min_width=260):
                    page.comparison = gr.HTML(COMPARISON_INVITATION)
            page.answers = gr.HTML("")
            label = compare_label(first, llm, FIRST)
            page.comparing = gr.Button(
                label, interactive=False, size="md", elem_classes="comparing"
            )
        with gr.Column(scale=6, min_width=320):
            page.ranking = gr.HTML(ranking_html(first, shipped_note(llm.name), marks))
    page.spent = gr.HTML("", elem_classes="spent")
    with gr.Row(elem_classes="race-row"):
        page.racing = gr.Button(race_label(first, llm, FIRST), size="md", elem_classes="comparing")
        gr.HTML(quiet(_RACE_NOTE))
    page.race = gr.HTML("")
    page.asked, page.compared = gr.State(None), gr.State(None)
    # What an answer fills; a comparison and a race stand by themselves.
    page.outputs = [
        page.ranking,
        page.answer,
        page.verdict,
        page.comparison,
        page.answers,
        page.comparing,
        page.asked,
        page.spent,
    ]


def _connect_controls(chosen: controls.Controls, page: SimpleNamespace) -> None:
    followers = [
        chosen.question,
        page.examples,
        chosen.number,
        page.draw,
        chosen.key,
        chosen.own,
        page.note,
        page.recorded,
    ]
    chosen.llm.change(
        controls.choose_llm, chosen.llm, followers, **_QUIET, **hidden("Choose an LLM")
    ).then(
        rank_anew,
        [page.own_log, page.session, *chosen.inputs()],
        # All but the session.
        [*page.outputs[:-1], page.racing],
        **_QUIET,
        **hidden("Rank anew"),
    )
    chosen.llm.change(
        offer_stand_in, chosen.llm, page.stand_in, **_QUIET, **hidden("Offer a price")
    )
    page.stand_in.input(
        choose_stand_in,
        [page.stand_in, page.own_log, page.session, page.asked, page.compared, *chosen.inputs()],
        [
            page.stand_in,
            page.answer,
            page.comparison,
            page.comparing,
            page.racing,
            page.spent,
        ],
        **_QUIET,
        **hidden("Choose a price"),
    )
    chosen.llm.change(offer_fetching, chosen.llm, page.fetch, **_QUIET, **hidden("Offer to fetch"))
    page.fetch.click(
        fetch_llm,
        chosen.llm,
        page.fetch,
        concurrency_limit=None,
        **_QUIET,
        **hidden("Fetch an LLM"),
    ).then(
        controls.choose_llm, chosen.llm, followers, **_QUIET, **hidden("Choose what was fetched")
    )
    page.own_log.change(
        controls.offer_log,
        page.own_log,
        [chosen.scored_by, chosen.prompts, chosen.policy],
        **_QUIET,
        **hidden("Offer the visitor's log"),
    )
    chosen.scored_by.input(
        controls.choose_log,
        [chosen.scored_by, page.own_log],
        chosen.prompts,
        **_QUIET,
        **hidden("Choose a log"),
    )


def _connect_asking(chosen: controls.Controls, page: SimpleNamespace) -> None:
    inputs = [page.own_log, page.session, page.known, *chosen.inputs()]
    solve: dict[str, Any] = {"fn": answer_question, "inputs": inputs, "outputs": page.outputs}
    solve |= _QUIET | LLM_EVENTS
    asks = [page.solve.click, chosen.question.submit]
    gr.on(asks, None, None, None, js=SHOW_ANSWER, **hidden("Show the answer"))
    running = [
        gr.on(asks, **solve, **hidden("Solve")),
        page.comparing.click(
            compare_answers,
            [page.asked, chosen.key, page.session],
            [
                page.verdict,
                page.comparison,
                page.answers,
                page.spent,
                page.compared,
            ],
            **_QUIET,
            **LLM_EVENTS,
            **hidden("Compare"),
        ),
    ]
    gr.on(
        # Whichever of the two comes last.
        [page.comparison.change, page.answer.change],
        None,
        [page.answer, page.comparison],
        [page.verdict, page.comparison, page.answers],
        js=drop_older(COMPARISON_INVITATION),
        **hidden("Drop an older comparison"),
    )
    page.link.click(
        None, chosen.question, page.link, js=copy_question(_STATUS), **hidden("Copy link")
    ).then(None, None, page.link, js=offer_again(LINK, _STATUS), **hidden("Offer link"))
    for button, text in zip(page.example_buttons, EXAMPLES, strict=True):
        filled = button.click(
            lambda text=text: text, None, chosen.question, **_QUIET, **hidden("Fill in")
        )
        running.append(filled.then(**solve, **hidden("Solve an example")))
    renewed = page.new.click(
        draw_question,
        page.known,
        [chosen.question, page.known],
        **_QUIET,
        **hidden("Draw a new question"),
    )
    running.append(renewed.then(**solve, **hidden("Solve a new question")))
    running.append(
        page.racing.click(
            run_race,
            [page.own_log, page.session, *chosen.inputs()],
            [page.race, page.spent],
            **_QUIET,
            **LLM_EVENTS,
            **hidden("Race"),
        )
    )
    # Gradio's own event of typing misses what is pasted.
    chosen.question.change(
        rank_typed,
        [page.own_log, page.session, page.asked, *chosen.inputs()],
        page.outputs[:-2],
        js=AFTER_A_PAUSE,
        trigger_mode="multiple",
        **_QUIET,
        **hidden("Rank while typing"),
    )
    drawn = page.draw.click(draw_number, None, chosen.number, **_QUIET, **hidden("Pick a question"))
    running.append(drawn.then(**solve, **hidden("Play the picked question back")))
    running.append(chosen.number.input(**solve, **hidden("Play a question back")))
    chosen.number.change(
        recorded_text, chosen.number, page.recorded, **_QUIET, **hidden("Show a question")
    )
    stopped = [page.answer, page.comparison, page.race]
    resetting = gr.Button("Reset this session", size="sm", visible=False, elem_classes="reset")
    page.spent.change(
        lambda one: gr.update(visible=bool(one.entries)),
        page.session,
        resetting,
        **_QUIET,
        **hidden("Show"),
    )
    for button, act, name in ((page.stop, stop, "Stop"), (resetting, reset, "Reset")):
        button.click(
            act,
            [*stopped, page.session],
            [*stopped, page.spent],
            cancels=running,
            queue=False,
            **_QUIET,
            **hidden(name),
        )
