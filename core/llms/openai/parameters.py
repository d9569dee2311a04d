"""Which parameters of a request a server does not take, as servers word it."""

import re
from collections.abc import Collection

import openai

_REFUSED_STATUS = (400, 422)
_CODES = {"unsupported_parameter", "unsupported_value"}
_SAYS_UNSUPPORTED = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed"
    r"|extra[ _](inputs|fields?|forbidden)|deprecated|not (be )?(accepted|available|applicable)"
    r"|(does|do|did)(n.t| not) (accept|take|allow|support)|no longer|remove",
    re.IGNORECASE,
)
_SAYS_OTHER_VALUE = re.compile(
    r"fixed (at|to)|must be|should be|has to be|only|unset|omit|default|invalid|out of range",
    re.IGNORECASE,
)
_SAYS_ONE_OF_BOTH = re.compile(
    r"both|together|at the same time|simultaneously|only one of|either", re.IGNORECASE
)
_LIMIT = "max_tokens"


def refused_parameters(
    error: openai.APIError, status: int | None, text: str, sent: Collection[str]
) -> frozenset[str]:
    """The parameters of a request that the server wants to be left out; none if it says else.

    Args:
        error: As the client library raises it.
        status: Of the response.
        text: What the server wrote.
        sent: Names of the parameters of the request that may be left out.
    """
    if status not in _REFUSED_STATUS or "context_length" in str(error.code):
        return frozenset()
    param = str(error.param)
    if param in sent and ({str(error.code), str(error.type)} & _CODES):
        return frozenset({param})
    named = [name for name in sent if _is_named(name, text)]
    if not named and param in sent:
        named = [param]
    if len(named) > 1 and "top_p" in named and _SAYS_ONE_OF_BOTH.search(text):
        return frozenset({"top_p"})
    if _SAYS_UNSUPPORTED.search(text):
        return frozenset(named)
    # A limit of another size is another matter: an answer could become any length without one.
    others = frozenset(named) - {_LIMIT}
    return others if _SAYS_OTHER_VALUE.search(text) else frozenset()


def _is_named(name: str, text: str) -> bool:
    pattern = name.replace("_", "[ _-]?")
    return re.search(rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])", text, re.IGNORECASE) is not None
