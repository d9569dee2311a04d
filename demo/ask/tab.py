"""Ask: an answer with one call or a few, exhaustive prompting beside it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from core.asking.examples import EXAMPLES, FIRST, ranked_example
from core.policies import BestOfN
from demo.ask import controls as controls
from demo.ask.choices import RECORDED, llm_note, offered, shipped_note
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


@dataclass(frozen=True)
class _Results:
    """Where the results of a question stand."""

    ranking: gr.HTML
    answer: gr.HTML
    verdict: gr.HTML
    comparison: gr.HTML
    answers: gr.HTML
    comparing: gr.Button
    asked: gr.State
    spent: gr.HTML
    racing: gr.Button
    race: gr.HTML
    compared: gr.State

    def outputs(self) -> list[gr.components.Component]:
        """What an answer fills; a comparison and a race stand by themselves."""
        apart = ("racing", "race", "compared")
        return [part for name, part in vars(self).items() if name not in apart]


@dataclass(frozen=True)
class _Asking:
    """What a question is asked with: rows of components that come and go with the LLM."""

    examples: gr.Row
    example_buttons: list[gr.Button]
    new: gr.Button
    link: gr.Button
    known: gr.State
    draw: gr.Button
    note: gr.HTML
    recorded: gr.HTML
    fetch: gr.Button
    stand_in: gr.Dropdown
    solve: gr.Button
    stop: gr.Button


def build(app: gr.Blocks, own_log: gr.State) -> None:
    """Lay out the tab inside the current Blocks.

    Args:
        app: The page.
        own_log: What the visitor's own log or model knows, None without one.
    """
    chosen, asking = _build_controls()
    results = _build_results()
    # What a visitor spent is added to by all events, so that none is an output of another.
    session = gr.State(Session())
    _connect_controls(chosen, asking, results, own_log, session)
    _connect_asking(chosen, asking, results, own_log, session)
    app.load(None, chosen.question, chosen.question, js=READ_QUESTION, **hidden("Linked question"))
    gr.api(rank_endpoint, api_name="rank")
    gr.api(ask_endpoint, api_name="ask", **LLM_EVENTS)


def _build_controls() -> tuple[controls.Controls, _Asking]:
    with gr.Row(elem_classes="question-row"):
        with gr.Column(scale=6, min_width=320):
            question = controls.question_box(FIRST)
            with gr.Row(elem_classes="examples") as examples:
                gr.HTML('<span class="quiet">Try</span>', elem_classes="try")
                buttons = [
                    gr.Button(name, size="sm", variant="secondary") for name in _EXAMPLE_NAMES
                ]
                new = gr.Button("a new one, answer known", size="sm", variant="secondary")
                link = gr.Button(LINK, size="sm", variant="secondary", elem_classes="link")
            gr.HTML(_UNFOLD)
            number = controls.recorded_choice()
            draw = gr.Button("Pick one at random", size="sm", visible=False, elem_classes="small")
            recorded = gr.HTML("", visible=False)
        with gr.Column(scale=5, min_width=320, elem_classes="settings"):
            with gr.Row(elem_classes="controls"):
                llm = controls.llm_choice()
                policy, calls = controls.policy_choice()
            key = controls.key_box()
            note = gr.HTML(quiet(llm_note(offered()[0])), elem_classes="llm-note")
            fetch = fetch_button()
    with gr.Row(elem_classes="actions"):
        solve = gr.Button("Solve", variant="primary", scale=4)
        stopping = gr.Button("Stop", variant="secondary", scale=1, elem_classes="stop")
    with gr.Accordion("Prompts to consider, how answers are read, and prices", open=False):
        prompts, own, scored_by = controls.prompt_choices()
        mend = controls.mend_choice()
        stand_in = stand_in_choice(offered()[0])
    chosen = controls.Controls(
        llm, key, question, number, policy, calls, prompts, own, scored_by, mend
    )
    known = gr.State({})
    asking = _Asking(
        examples,
        buttons,
        new,
        link,
        known,
        draw,
        note,
        recorded,
        fetch,
        stand_in,
        solve,
        stopping,
    )
    return chosen, asking


def _build_results() -> _Results:
    # The page opens on an example, so that a first visitor sees what it is about.
    llm = offered()[0]
    first = ranked_example(FIRST)
    marks = marks_of(DEFAULT, BestOfN(), first.context)
    with gr.Row(elem_classes="result"):
        with gr.Column(scale=7, min_width=320):
            verdict = gr.HTML("")
            with gr.Row(elem_classes="pair"):
                with gr.Column(min_width=260):
                    answer = gr.HTML(INVITATION)
                with gr.Column(min_width=260):
                    comparison = gr.HTML(COMPARISON_INVITATION)
            answers = gr.HTML("")
            label = compare_label(first, llm, FIRST)
            comparing = gr.Button(label, interactive=False, size="md", elem_classes="comparing")
        with gr.Column(scale=6, min_width=320):
            ranking = gr.HTML(ranking_html(first, shipped_note(llm.name), marks))
    spent = gr.HTML("", elem_classes="spent")
    with gr.Row(elem_classes="race-row"):
        racing = gr.Button(race_label(first, llm, FIRST), size="md", elem_classes="comparing")
        gr.HTML(quiet(_RACE_NOTE))
    race = gr.HTML("")
    asked, compared = gr.State(None), gr.State(None)
    return _Results(
        ranking,
        answer,
        verdict,
        comparison,
        answers,
        comparing,
        asked,
        spent,
        racing,
        race,
        compared,
    )


def _connect_controls(
    chosen: controls.Controls,
    asking: _Asking,
    results: _Results,
    own_log: gr.State,
    session: gr.State,
) -> None:
    followers = [
        chosen.question,
        asking.examples,
        chosen.number,
        asking.draw,
        chosen.key,
        chosen.own,
        asking.note,
        asking.recorded,
    ]
    chosen.llm.change(_choose_llm, chosen.llm, followers, **_QUIET, **hidden("Choose an LLM")).then(
        rank_anew,
        [own_log, session, *chosen.inputs()],
        # All but the session.
        [*results.outputs()[:-1], results.racing],
        **_QUIET,
        **hidden("Rank anew"),
    )
    chosen.llm.change(
        offer_stand_in, chosen.llm, asking.stand_in, **_QUIET, **hidden("Offer a price")
    )
    asking.stand_in.input(
        choose_stand_in,
        [asking.stand_in, own_log, session, results.asked, results.compared, *chosen.inputs()],
        [
            asking.stand_in,
            results.answer,
            results.comparison,
            results.comparing,
            results.racing,
            results.spent,
        ],
        **_QUIET,
        **hidden("Choose a price"),
    )
    chosen.llm.change(
        offer_fetching, chosen.llm, asking.fetch, **_QUIET, **hidden("Offer to fetch")
    )
    asking.fetch.click(
        fetch_llm,
        chosen.llm,
        asking.fetch,
        concurrency_limit=None,
        **_QUIET,
        **hidden("Fetch an LLM"),
    ).then(_choose_llm, chosen.llm, followers, **_QUIET, **hidden("Choose what was fetched"))
    own_log.change(
        controls.offer_log,
        own_log,
        [chosen.scored_by, chosen.prompts, chosen.policy],
        **_QUIET,
        **hidden("Offer the visitor's log"),
    )
    chosen.scored_by.input(
        controls.choose_log,
        [chosen.scored_by, own_log],
        chosen.prompts,
        **_QUIET,
        **hidden("Choose a log"),
    )


def _choose_llm(name: str) -> tuple[Any, ...]:
    *updates, note, missing = controls.choose_llm(name)
    return *updates, quiet(note), gr.update(value=missing, visible=name == RECORDED)


def _connect_asking(
    chosen: controls.Controls,
    asking: _Asking,
    results: _Results,
    own_log: gr.State,
    session: gr.State,
) -> None:
    inputs = [own_log, session, asking.known, *chosen.inputs()]
    solve = partial(_solve_on, inputs=inputs, outputs=results.outputs())
    asks = [asking.solve.click, chosen.question.submit]
    gr.on(asks, None, None, None, js=SHOW_ANSWER, **hidden("Show the answer"))
    running = [
        solve(gr.on, asks, "Solve"),
        results.comparing.click(
            compare_answers,
            [results.asked, chosen.key, session],
            [
                results.verdict,
                results.comparison,
                results.answers,
                results.spent,
                results.compared,
            ],
            **_QUIET,
            **LLM_EVENTS,
            **hidden("Compare"),
        ),
    ]
    gr.on(
        # Whichever of the two comes last.
        [results.comparison.change, results.answer.change],
        None,
        [results.answer, results.comparison],
        [results.verdict, results.comparison, results.answers],
        js=drop_older(COMPARISON_INVITATION),
        **hidden("Drop an older comparison"),
    )
    asking.link.click(
        None, chosen.question, asking.link, js=copy_question(_STATUS), **hidden("Copy link")
    ).then(None, None, asking.link, js=offer_again(LINK, _STATUS), **hidden("Offer link"))
    for button, text in zip(asking.example_buttons, EXAMPLES, strict=True):
        filled = button.click(
            lambda text=text: text, None, chosen.question, **_QUIET, **hidden("Fill in")
        )
        running.append(solve(filled.then, None, "Solve an example"))
    renewed = asking.new.click(
        draw_question,
        asking.known,
        [chosen.question, asking.known],
        **_QUIET,
        **hidden("Draw a new question"),
    )
    running.append(solve(renewed.then, None, "Solve a new question"))
    running.append(
        results.racing.click(
            run_race,
            [own_log, session, *chosen.inputs()],
            [results.race, results.spent],
            **_QUIET,
            **LLM_EVENTS,
            **hidden("Race"),
        )
    )
    # Gradio's own event of typing misses what is pasted.
    chosen.question.change(
        rank_typed,
        [own_log, session, results.asked, *chosen.inputs()],
        results.outputs()[:-2],
        js=AFTER_A_PAUSE,
        trigger_mode="multiple",
        **_QUIET,
        **hidden("Rank while typing"),
    )
    drawn = asking.draw.click(
        draw_number, None, chosen.number, **_QUIET, **hidden("Pick a question")
    )
    running.append(solve(drawn.then, None, "Play the picked question back"))
    running.append(solve(chosen.number.input, None, "Play a question back"))
    chosen.number.change(
        recorded_text, chosen.number, asking.recorded, **_QUIET, **hidden("Show a question")
    )
    stopped = [results.answer, results.comparison, results.race]
    asking.stop.click(
        stop,
        [*stopped, session],
        [*stopped, results.spent],
        cancels=running,
        queue=False,
        **_QUIET,
        **hidden("Stop"),
    )
    resetting = gr.Button("Reset this session", size="sm", visible=False, elem_classes="reset")
    results.spent.change(
        lambda one: gr.update(visible=bool(one.entries)),
        session,
        resetting,
        **_QUIET,
        **hidden("Show"),
    )
    resetting.click(
        reset,
        [*stopped, session],
        [*stopped, results.spent],
        cancels=running,
        queue=False,
        **_QUIET,
        **hidden("Reset"),
    )


def _solve_on(trigger: Any, triggers: Any, description: str, *, inputs: Any, outputs: Any) -> Any:
    """Attach the asking to a trigger; all of them ask alike."""
    head = () if triggers is None else (triggers,)
    return trigger(
        *head, answer_question, inputs, outputs, **_QUIET, **LLM_EVENTS, **hidden(description)
    )
