"""What the operator of a page sets in the environment; a visitor sets none of it.

==============================  ===========================================  ====================
variable                        what it is                                   default
==============================  ===========================================  ====================
``PROMPT_OIRL_API_MODELS``      models behind the API, with commas between   ``gpt-3.5-turbo`` and
                                                                             two that follow it; at
                                                                             OpenAI without those
                                                                             that were shut down
``PROMPT_OIRL_HF_MODELS``       models for the GPU, with commas between:     LLaMA2-7B-chat
                                OWNER/NAME of the Hub, or a folder's path
``PROMPT_OIRL_GGUF``            LLMs in GGUF files, with commas between:     Qwen2.5-0.5B; none
                                short names, OWNER/REPO/FILE.gguf of the     on a Space
                                Hub, or a file's path
``PROMPT_OIRL_RECORDED``        ``fetch``: a visitor may fetch the           ``fetch``; ``no`` on
                                published answers, 90 MB; ``no``: nobody     a Space
``PROMPT_OIRL_SESSION_CALLS``   calls that the operator pays for, a session  64
``PROMPT_OIRL_DAY_CALLS``       the same for all sessions of a UTC day       2000
``PROMPT_OIRL_SESSION_DOLLARS`` dollars that the operator pays, a session    0.05
``PROMPT_OIRL_DAY_DOLLARS``     the same for all sessions of a UTC day       1
``PROMPT_OIRL_STATE``           folder of what is kept across restarts       ``/data`` on a Space
                                                                             that has it, else the
                                                                             user's data folder
==============================  ===========================================  ====================

A variable that is empty counts as not set. Of a limit, 0 allows nothing at all.
"""

import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from core.environment import number
from core.errors import DataError, UnknownNameError
from core.llms import gguf
from core.llms.openai.retired import CHEAP_ALTERNATIVE, RETIRED
from core.llms.openai.server import is_openai

API_MODELS = "PROMPT_OIRL_API_MODELS"
HF_MODELS = "PROMPT_OIRL_HF_MODELS"
GGUF = "PROMPT_OIRL_GGUF"
RECORDED = "PROMPT_OIRL_RECORDED"
SESSION_CALLS = "PROMPT_OIRL_SESSION_CALLS"
DAY_CALLS = "PROMPT_OIRL_DAY_CALLS"
SESSION_DOLLARS = "PROMPT_OIRL_SESSION_DOLLARS"
DAY_DOLLARS = "PROMPT_OIRL_DAY_DOLLARS"
STATE = "PROMPT_OIRL_STATE"

_GPT35 = "gpt-3.5-turbo"
DEFAULT_API_MODELS = (_GPT35, RETIRED[_GPT35][1], CHEAP_ALTERNATIVE)
DEFAULT_GGUF = ("qwen2.5-0.5b-instruct",)
DEFAULT_HF_MODELS = ("meta-llama/Llama-2-7b-chat-hf",)

_API_MODEL = re.compile(r"[\w./:@+-]{1,200}")
_HF_MODEL = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}|[/~.].*")
_MOST_CALLS = 10**9
_MOST_DOLLARS = 10**6
_SPACE_DISK = Path("/data")


@dataclass(frozen=True)
class Limits:
    """Most that the operator pays for: calls and US dollars of a session and of a UTC day."""

    session_calls: int = 64
    day_calls: int = 2000
    session_dollars: float = 0.05
    day_dollars: float = 1.0


def limits() -> Limits:
    """The limits that are set.

    Raises:
        DataError: one of them is no number from 0 on; the message names it.
    """
    usual = Limits()
    return Limits(
        _calls(SESSION_CALLS, usual.session_calls),
        _calls(DAY_CALLS, usual.day_calls),
        _dollars(SESSION_DOLLARS, usual.session_dollars),
        _dollars(DAY_DOLLARS, usual.day_dollars),
    )


def api_models(address: str, day: date) -> tuple[str, ...]:
    """Models behind the API, as the server names them.

    Args:
        address: Of the server. Of the default models OpenAI's own offers those alone that are not
            listed as shut down.
        day: Today.

    Raises:
        DataError: a name is none.
    """
    allowed = "names such as gpt-3.5-turbo, with commas between and without `openai:`"
    names = _names(API_MODELS, _API_MODEL, allowed) or _usual_models(address, day)
    for name in names:
        if name.startswith("openai:"):
            raise _refused(API_MODELS, name, allowed)
    return names


def _usual_models(address: str, day: date) -> tuple[str, ...]:
    gone = {model for model, (end, _) in RETIRED.items() if is_openai(address) and end <= day}
    return tuple(model for model in DEFAULT_API_MODELS if model not in gone)


def hf_models() -> tuple[str, ...]:
    """Models for the GPU, each OWNER/NAME of the Hugging Face Hub or a folder's path.

    Raises:
        DataError: a name is neither.
    """
    allowed = (
        "OWNER/NAME of the Hugging Face Hub or the path of a folder, with commas between and "
        "without `hf:`"
    )
    return _names(HF_MODELS, _HF_MODEL, allowed) or DEFAULT_HF_MODELS


def gguf_models() -> tuple[str, ...]:
    """LLMs in GGUF files, as ``core.llms.gguf.parse`` reads them.

    Raises:
        DataError: a name is none.
    """
    names = _names(GGUF, re.compile(".*"), "")
    for name in names:
        try:
            gguf.parse(name)
        except UnknownNameError as error:
            raise _refused(
                GGUF,
                name,
                f"short names ({', '.join(gguf.SHORT_NAMES)}), OWNER/REPO/FILE.gguf of "
                "the Hugging Face Hub and paths, with commas between and without `gguf:`",
            ) from error
    return names or (() if on_space() else DEFAULT_GGUF)


def fetches_recorded() -> bool:
    """Whether a visitor may have the published answers fetched.

    Raises:
        DataError: the switch is neither ``fetch`` nor ``no``.
    """
    switch = _value(RECORDED) or ("no" if on_space() else "fetch")
    if switch not in ("fetch", "no"):
        raise _refused(RECORDED, switch, "fetch, no")
    return switch == "fetch"


def on_space() -> bool:
    """Whether this is a Space of the Hugging Face Hub."""
    return bool(_value("SPACE_ID"))


def state_folder() -> Path:
    """Where counters are kept across restarts; it need not exist yet."""
    named = _value(STATE)
    if named:
        return Path(named).expanduser()
    if on_space() and os.access(_SPACE_DISK, os.W_OK):
        return _SPACE_DISK / "prompt-oirl"
    # Pooch brings this package; its own cache folder may be emptied at any time.
    import platformdirs

    return Path(platformdirs.user_data_dir("prompt-oirl", appauthor=False))


def _value(variable: str) -> str:
    return os.environ.get(variable, "").strip()


def _names(variable: str, pattern: re.Pattern[str], allowed: str) -> tuple[str, ...]:
    names = [name.strip() for name in _value(variable).split(",")]
    for name in names:
        if name and not pattern.fullmatch(name):
            raise _refused(variable, name, allowed)
    return tuple(dict.fromkeys(name for name in names if name))


def _calls(variable: str, usual: int) -> int:
    value = _value(variable)
    if not value:
        return usual
    # Python would also read "1_000" and digits of other scripts.
    if not re.fullmatch(r"[0-9]{1,10}", value) or int(value) > _MOST_CALLS:
        raise _refused(variable, value, f"a whole number from 0 (none) to {_MOST_CALLS:,}")
    return int(value)


def _dollars(variable: str, usual: float) -> float:
    allowed = f"US dollars from 0 (none) to {_MOST_DOLLARS:,}, such as 0.05"
    found = number(variable, lambda dollars: 0 <= dollars <= _MOST_DOLLARS, allowed)
    return usual if found is None else found


def _refused(variable: str, value: str, allowed: str) -> DataError:
    return DataError(f"{variable} is {value!r}; allowed: {allowed}.")
