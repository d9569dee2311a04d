"""The sixteen zero-shot prompts of the paper, and prompts of the user's own.

The six training prompts come from earlier work on zero-shot prompting; the ten held-out prompts
were written with GPT-4 by the paper's authors, who logged them on the test questions only. The
wording is that of `llama_step1_gen_offline.py` in github.com/holarissun/Prompt-OIRL.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core.errors import DataError, UnknownNameError

Origin = Literal["training", "held-out", "own"]

SLOT = "{{query}}"
"""Where a prompt that stands around the query has it."""
_SLOTS = re.compile(r"\{\{\s*(?:query|question|input|problem)\s*\}\}|\{(?:query|question|input)\}")
_GPT4 = "Sun et al. 2024, written with GPT-4"


@dataclass(frozen=True)
class Prompt:
    """A text put after a query, or around it.

    Attributes:
        id: Short name, unique within a log.
        text: Wording, placed directly after the query unless it has a ``SLOT`` for it.
        label: Two or three words for tables and figures.
        origin: ``training`` and ``held-out`` as in the paper, ``own`` for a user's prompt.
        source: Where the wording comes from.
        alias: Name in the published log files, empty for a user's prompt.
        llm: Whom it is put to, where a log has several LLMs to choose among; else empty.
    """

    id: str
    text: str
    label: str
    origin: Origin = "own"
    source: str = ""
    alias: str = ""
    llm: str = ""


PROMPTS: tuple[Prompt, ...] = (
    Prompt("direct", "The answer is:", "answer only", "training", "Plain answer cue", "nan"),
    Prompt(
        "cot",
        "Let's think step by step:",
        "step by step",
        "training",
        "Kojima et al. 2022, zero-shot chain of thought",
        "CoT",
    ),
    Prompt(
        "ape",
        "Let’s work this out in a step by step way to be sure we have the right answer:",
        "work it out",
        "training",
        "Zhou et al. 2023, automatic prompt engineer",
        "APE",
    ),
    Prompt(
        "experts",
        "3 experts are discussing the question with a discussion, trying to solve it step by "
        "step, and make sure the result is correct:",
        "three experts",
        "training",
        "Sun et al. 2024, after multi-agent discussion",
        "Dis",
    ),
    Prompt(
        "tree",
        "Imagine three different experts are answering this question. All experts will write "
        "down 1 step of their thinking, then share it with the group. Then all experts will go "
        "on to the next step, etc. If any expert realises they're wrong at any point then they "
        "leave",
        "tree of thoughts",
        "training",
        "Hulbert 2023, tree-of-thought prompting",
        "ToT",
    ),
    Prompt(
        "decompose",
        "First, decompose the question into several sub-questions that needs to solve, and then "
        "solve each question step by step:",
        "sub-questions",
        "training",
        "Zhou et al. 2023, least-to-most prompting",
        "Decomp",
    ),
    Prompt(
        "logical",
        "Approaching this logically, the steps to find the answer are:",
        "logical steps",
        "held-out",
        _GPT4,
        "gpt4_0",
    ),
    Prompt(
        "break-down",
        "Let's break this down into manageable steps to fully understand the problem:",
        "break it down",
        "held-out",
        _GPT4,
        "gpt4_1",
    ),
    Prompt(
        "puzzle",
        "Consider this as a puzzle, each piece contributing to the final answer. Let's place "
        "each piece, one by one:",
        "puzzle",
        "held-out",
        _GPT4,
        "gpt4_2",
    ),
    Prompt(
        "scholars",
        "Three scholars are analyzing this query from various perspectives, working "
        "collaboratively to build a comprehensive answer. Each contributes a step:",
        "three scholars",
        "held-out",
        _GPT4,
        "gpt4_3",
    ),
    Prompt(
        "detective",
        "Let's solve this like a detective would solve a mystery, gathering clues and building "
        "up to the final solution step by step:",
        "detective",
        "held-out",
        _GPT4,
        "gpt4_4",
    ),
    Prompt(
        "maze",
        "Imagine we're navigating a maze; each decision brings us closer to the center. Let's "
        "map our route:",
        "maze",
        "held-out",
        _GPT4,
        "gpt4_5",
    ),
    Prompt(
        "round-table",
        "Envision a round table meeting of expert problem solvers. Each participant suggests a "
        "step, building towards a consensus answer:",
        "round table",
        "held-out",
        _GPT4,
        "gpt4_6",
    ),
    Prompt(
        "architect",
        "Like an architect constructing a building, let's design our answer carefully, layer by "
        "layer:",
        "architect",
        "held-out",
        _GPT4,
        "gpt4_7",
    ),
    Prompt(
        "machine",
        "As if we are assembling a complex machine, let's put it together piece by piece:",
        "complex machine",
        "held-out",
        _GPT4,
        "gpt4_8",
    ),
    Prompt(
        "philosophers",
        "Three wise philosophers are debating this question, each contributing a different "
        "aspect of the answer. Let's follow their discourse:",
        "philosophers",
        "held-out",
        _GPT4,
        "gpt4_9",
    ),
)

TRAINING_PROMPTS: tuple[Prompt, ...] = PROMPTS[:6]
HELD_OUT_PROMPTS: tuple[Prompt, ...] = PROMPTS[6:]

_BY_ID = {prompt.id: prompt for prompt in PROMPTS}


def prompt_by_id(prompt_id: str) -> Prompt:
    """Return the published prompt called ``prompt_id``.

    Raises:
        UnknownNameError: there is none of that name.
    """
    try:
        return _BY_ID[prompt_id]
    except KeyError:
        raise UnknownNameError("prompt", prompt_id, tuple(_BY_ID)) from None


def own_prompt(text: str, prompt_id: str | None = None) -> Prompt:
    """Make a prompt of the user's own; without an id it is "own: " and the text.

    {{question}}, {input} and such mark the place of the query, as other tools write it.

    Raises:
        DataError: the text is empty.
    """
    text = _SLOTS.sub(lambda _: SLOT, text.strip())
    if not text:
        raise DataError("A prompt cannot be empty: write the words to put after the question.")
    label = text if len(text) <= 28 else text[:27].rstrip() + "…"
    return Prompt(id=prompt_id or f"own: {text}", text=text, label=label)


def arm(prompt: Prompt, llm: str) -> Prompt:
    """A prompt put to one LLM of several; the LLM alone where it gets the query as it stands."""
    if prompt.text == SLOT:
        return Prompt(llm, SLOT, llm, llm=llm)
    return replace(
        prompt, id=f"{llm}: {prompt.id}", label=f"{llm} · {prompt.label}", alias="", llm=llm
    )


OFFERED: tuple[Prompt, ...] = (*PROMPTS,)
"""What is ranked where nobody names other prompts. A further one is a row here, such as
``own_prompt("Answer in one line:")``; until a log holds it, it is scored by its wording."""


def check_distinct(prompts: Sequence[Prompt]) -> None:
    """Raise DataError when there is no prompt at all or two share an id."""
    if not prompts:
        raise DataError("At least one prompt is needed.")
    seen: set[str] = set()
    for prompt in prompts:
        if prompt.id in seen:
            raise DataError(f"The prompt id {prompt.id!r} is given twice; ids must be distinct.")
        seen.add(prompt.id)


def message(query: str, prompt: Prompt) -> str:
    """The user message: the query in the prompt's place for it.

    Without one the prompt follows the query directly, as in the published logs.
    """
    if SLOT in prompt.text:
        return prompt.text.replace(SLOT, query)
    return f"{query}{prompt.text}"
