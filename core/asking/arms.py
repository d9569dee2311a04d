"""Whom each arm of a log of several LLMs is put to."""

from collections.abc import Mapping, Sequence

from core import llms
from core.errors import DataError, UnknownNameError
from core.prompts import Prompt, arm

_KINDS = frozenset(name.partition(":")[0] for name in llms.NAMES)


def llms_of(prompts: Sequence[Prompt]) -> tuple[str, ...]:
    """The LLMs that prompts are put to, as the log names them; none where there is one."""
    return tuple(dict.fromkeys(prompt.llm for prompt in prompts if prompt.llm))


def put_to_each(more: Sequence[Prompt], arms: Sequence[Prompt]) -> tuple[Prompt, ...]:
    """Further prompts, put to each LLM of some arms; as they are where there is one LLM."""
    known = llms_of(arms)
    return tuple(arm(one, llm) for one in more for llm in known) if known else tuple(more)


def renamed(prompts: Sequence[Prompt], given: Sequence[str]) -> dict[str, str]:
    """What each LLM of a log is called where it is asked.

    Args:
        prompts: Its arms.
        given: As in ``mixtral=openai:mistralai/mixtral-8x7b``, the log's name first. An LLM that
            is not named keeps its name, and is a model behind the OpenAI API unless that says
            otherwise.

    Raises:
        DataError: one is not named like that.
        UnknownNameError: the log has no such LLM.
    """
    known = llms_of(prompts)
    names: Mapping[str, str] = {name: name for name in known}
    for text in given:
        logged, sign, asked = text.partition("=")
        if not (sign and logged and asked):
            raise DataError(f"An LLM is renamed like mixtral=openai:MODEL; got {text!r}.")
        if logged not in known:
            raise UnknownNameError("LLM of the log", logged, known)
        names = {**names, logged: asked}
    return {logged: _with_kind(asked) for logged, asked in names.items()}


def _with_kind(name: str) -> str:
    return name if name.partition(":")[0] in _KINDS else f"openai:{name}"
