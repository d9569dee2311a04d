"""The controls of Ask: LLM, key, policy, prompts; and how they follow one another."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.asking.own_log import offered_policy
from core.asking.own_model import OwnModel
from core.prompts import OFFERED, Prompt
from core.query import QUERY_LIMIT
from demo.ask.choices import (
    LONGEST_KEY,
    MOST_OWN_PROMPTS,
    OWN,
    RECORDED,
    SHIPPED,
    llm_note,
    offer_called,
    offered,
)
from demo.ask.key_box import KeyBox
from demo.ask.policies import DEFAULT
from demo.ask.policies import offered as offered_policies
from demo.ask.recorded import missing_notice, recorded_choices
from demo.common import hidden
from demo.templates import quiet

_SCORES = [("the log that fits the LLM", SHIPPED)]


@dataclass(frozen=True)
class Controls:
    """The components, in the order of the fields of ``Choices``."""

    llm: gr.Dropdown
    key: gr.Textbox
    question: gr.Textbox
    number: gr.Dropdown
    policy: gr.Dropdown
    calls: gr.Slider
    prompts: gr.CheckboxGroup
    own: gr.Textbox
    scored_by: gr.Radio
    mend: gr.Checkbox

    def inputs(self) -> list[gr.components.Component]:
        """All of them, as events take them."""
        return list(vars(self).values())


def question_box(first: str) -> gr.Textbox:
    """Where a question is typed."""
    return gr.Textbox(
        first,
        label="What would you like solved?",
        placeholder="Type an arithmetic question, for example about prices, ages or distances.",
        # With one line to start from, Enter asks and the box still grows with a long question.
        lines=1,
        max_lines=8,
        max_length=QUERY_LIMIT + 1,
    )


def recorded_choice() -> gr.Dropdown:
    """The recorded questions, filled in when they are asked for: the list would double the page."""
    return gr.Dropdown(
        [],
        value=None,
        label="GSM8K test question",
        info="1,000 questions with sixteen recorded LLaMA2 answers each. Type to search.",
        visible=False,
    )


def llm_choice() -> gr.Dropdown:
    """The LLMs that this machine and its operator offer."""
    return gr.Dropdown(
        [(offer.label, offer.id) for offer in offered()],
        value=offered()[0].id,
        label="LLM",
        filterable=False,
        min_width=220,
    )


def key_box() -> gr.Textbox:
    """A visitor's own key; shown for LLMs behind an API alone."""
    return KeyBox(
        label="Your own API key",
        info="Sent with your calls and stored nowhere; gone when you close the page.",
        type="password",
        max_length=LONGEST_KEY,
        visible=False,
        html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=False),
    )


def policy_choice() -> tuple[gr.Dropdown, gr.Slider]:
    """The policy and its dial."""
    policy = gr.Dropdown(
        [(choice.label, name) for name, (_, choice) in offered_policies().items()],
        value=DEFAULT,
        label="Policy",
        filterable=False,
        min_width=220,
    )
    calls = gr.Slider(
        1,
        len(OFFERED),
        value=4,
        step=1,
        label=offered_policies()["budgeted"][1].dial,
        visible=False,
        min_width=220,
    )

    def show(name: str) -> Any:
        _, choice = offered_policies()[name]
        if not choice.dial:
            return gr.update(visible=False)
        high = len(OFFERED) if choice.high is None else choice.high
        return gr.update(visible=True, label=choice.dial, maximum=high, value=choice.start)

    policy.change(show, policy, calls, show_progress="hidden", **hidden("Show the dial"))
    return policy, calls


def mend_choice() -> gr.Checkbox:
    """Whether miscalculations are mended."""
    return gr.Checkbox(
        value=True,
        label="Mend miscalculations",
        info="An answer’s own equations are computed anew, where that made recorded answers of "
        "the LLM, or of the one that stands in for it, right more often. No further call.",
    )


def prompt_choices() -> tuple[gr.CheckboxGroup, gr.Textbox, gr.Radio]:
    """The prompts to consider, the visitor's own, and whose log scores them."""
    scored_by = gr.Radio(_SCORES, value=SHIPPED, label="Chances come from", visible=False)
    prompts = gr.CheckboxGroup(
        _as_choices(OFFERED),
        value=[prompt.id for prompt in OFFERED],
        label="Logged prompts",
        info="Wording and source of each are in the list of chances.",
        show_select_all=True,
    )
    own = gr.Textbox(
        label="Prompts of your own, one a line",
        info=f"Put after the question, at most {MOST_OWN_PROMPTS}. They were never logged, so "
        "their intervals are wider.",
        placeholder="Check your work before you answer:",
        lines=2,
        max_lines=MOST_OWN_PROMPTS,
        max_length=4000,
    )
    return prompts, own, scored_by


def _as_choices(prompts: tuple[Prompt, ...]) -> list[tuple[str, str]]:
    return [(prompt.label, prompt.id) for prompt in prompts]


def offer_log(own_log: OwnModel | None) -> tuple[Any, Any, Any]:
    """Let a log or a model of the visitor's own score its prompts as soon as there is one.

    Returns:
        Updates of whose log scores, of the prompts, and of the policy: the one for one call that
        the log speaks for.
    """
    if own_log is None:
        scores = gr.update(choices=_SCORES, value=SHIPPED, visible=False)
        return scores, choose_log(SHIPPED, None), DEFAULT
    scores = gr.update(
        choices=[*_SCORES, (f"your {own_log.noun}, {own_log.name}", OWN)], value=OWN, visible=True
    )
    return scores, choose_log(OWN, own_log), offered_policy(own_log)


def choose_log(scored_by: str, own_log: OwnModel | None) -> Any:
    """The prompts of the chosen log, all of them taken."""
    prompts = own_log.prompts if scored_by == OWN and own_log is not None else OFFERED
    return gr.update(choices=_as_choices(prompts), value=[prompt.id for prompt in prompts])


def choose_llm(name: str) -> tuple[Any, ...]:
    """What an LLM needs: a typed question or a recorded one, a key, own prompts.

    Returns:
        Updates of the question box with its examples, the recorded question with its button, the
        key box, the box of own prompts, the LLM's note, and what to do where files are missing.
    """
    recorded, behind_api = name == RECORDED, name.startswith("openai:")
    # Without the published files there is nothing to choose from.
    choices = recorded_choices() if recorded else []
    played = bool(choices)
    return (
        gr.update(visible=not recorded),
        gr.update(visible=not recorded),
        gr.update(visible=played, choices=choices, value=None),
        gr.update(visible=played),
        gr.update(visible=behind_api),
        gr.update(visible=not recorded),
        quiet(llm_note(offer_called(name))),
        gr.update(value=missing_notice() if recorded and not played else "", visible=recorded),
    )
