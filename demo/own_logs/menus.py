"""Menus in which a visitor says which column of a file is what."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from core.errors import DataError
from core.logs.checks import number_of
from core.logs.own import UPLOAD_LIMITS, Reading
from core.logs.problems import shown
from demo.templates import quiet

_MOST_NAMES = 200
"""Columns that a menu lists; a table has no more, records may."""
_LONGEST_NAME = 80
_SCORE = "Right from a score of"
_NONE = ("none", "")
_HELP = quiet(
    "What was recognised is chosen. If a column is read wrongly, choose another and read the file "
    "again. Of several files the first one’s columns are listed."
)
Updates = dict[Any, Any]


@dataclass(frozen=True)
class Menus:
    """The fold of menus, and what it holds.

    Attributes:
        fold: Hidden while there is no file with columns.
        query, correct, answer, gold: One column each, or none.
        prompt: One column, or several that are a prompt or an LLM each.
        llms: Whether several are an LLM each.
        correct_from: From which score on an answer is right, where ``correct`` is a score.
        again: Reads the file again.
    """

    fold: gr.Accordion
    query: gr.Dropdown
    prompt: gr.Dropdown
    llms: gr.Checkbox
    correct: gr.Dropdown
    answer: gr.Dropdown
    gold: gr.Dropdown
    correct_from: gr.Textbox
    again: gr.Button

    def parts(self) -> list[Any]:
        """All of them."""
        return [getattr(self, name) for name in Menus.__dataclass_fields__]

    def chosen(self) -> list[Any]:
        """Those whose values ``reading`` takes, in its order."""
        return [
            *(self.query, self.prompt, self.correct, self.answer, self.gold),
            *(self.correct_from, self.llms),
        ]

    def hidden(self) -> Updates:
        """No file, no menus."""
        return {self.fold: gr.update(visible=False), self.correct_from: "", self.llms: False}

    def filled(
        self, columns: Sequence[str], names: Mapping[str, str], arms: Sequence[str], sound: bool
    ) -> Updates:
        """The menus of a file, open where it was not understood.

        Args:
            columns: Names of all its columns.
            names: Our names by those of the file.
            arms: Columns that are a prompt or an LLM each.
            sound: Whether it is a log as it was read.
        """
        # A name that could be no prompt is none of anything else either.
        kept = [one for one in columns if one.strip() and len(one) <= UPLOAD_LIMITS.prompt]
        choices = [(_shortened(one), one) for one in kept[:_MOST_NAMES]]
        listed = {value for _, value in choices}
        ours = {ours: theirs for theirs, ours in names.items() if theirs in listed}
        single = [ours["prompt"]] if "prompt" in ours else []
        prompts = [one for one in arms if one in listed] or single
        menus = {
            getattr(self, name): gr.update(choices=[_NONE, *choices], value=ours.get(name, ""))
            for name in ("query", "correct", "answer", "gold")
        }
        return menus | {
            self.fold: gr.update(visible=True, open=not sound),
            self.prompt: gr.update(choices=choices, value=prompts),
        }


def lay_out() -> Menus:
    """Lay out the fold inside the current Blocks."""
    with gr.Accordion("Columns", open=False, visible=False) as fold:
        gr.HTML(_HELP)
        with gr.Row(elem_classes="controls"):
            query = _menu("query")
            prompt = gr.Dropdown(
                [],
                value=[],
                multiselect=True,
                label="prompt, or several columns that are a prompt or an LLM each",
                interactive=True,
                min_width=320,
                scale=2,
            )
            llms = gr.Checkbox(False, label="Several are an LLM each", min_width=180)
            correct = _menu("correct")
        with gr.Row(elem_classes="controls"):
            answer, gold = _menu("answer"), _menu("gold")
            # Gradio's field for numbers turns into 0 when it is emptied.
            correct_from = gr.Textbox(
                "",
                label=_SCORE,
                placeholder="where correct is a score",
                max_length=_LONGEST_NAME,
                interactive=True,
                min_width=180,
            )
        with gr.Row(elem_classes="actions"):
            again = gr.Button("Read the file again")
    return Menus(fold, query, prompt, llms, correct, answer, gold, correct_from, again)


def reading(
    query: str | None,
    prompts: Sequence[str] | None,
    correct: str | None,
    answer: str | None,
    gold: str | None,
    correct_from: str | None,
    llms: bool = False,
) -> Reading:
    """How a file is read by what was chosen.

    Raises:
        DataError: what was typed is no number.
    """
    typed = (correct_from or "").strip()
    score = number_of(typed) if typed else None
    if typed and (score is None or not math.isfinite(score)):
        raise DataError(f"{_SCORE} {shown(typed)}: it must be a number, such as 0.5, or nothing.")
    columns = {"query": query, "correct": correct, "answer": answer, "gold": gold}
    given = {ours: theirs or None for ours, theirs in columns.items()}
    several = tuple(prompts or ())
    if len(several) > 1:
        # What stands below them is correct or not, and each has answers of its own.
        read = Reading(given | {"correct": None, "answer": None}, score)
        return replace(read, llms=several) if llms else replace(read, prompts=several)
    return Reading(given | {"prompt": several[0] if several else None}, score)


def _menu(name: str) -> gr.Dropdown:
    return gr.Dropdown([_NONE], value="", label=name, interactive=True, min_width=180)


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
