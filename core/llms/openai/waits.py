"""How long a server wants to be left alone, in all the ways in which servers say so."""

import math
import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from core.llms.base import now

_UNITS = {"ms": 0.001, "milli": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(
    r"(\d+(?:\.\d+)?)\s*(ms|milli(?=s)|[smhd])"
    r"(?:ec(?:ond)?s?|seconds?|in(?:ute)?s?|ours?|ays?)?(?![a-z])",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"(?:try|retry|wait)(?:ing)?(?: again)?(?: after| in| for)?:?\s+"
    rf"((?:{_PART.pattern}[\s,]*(?:and )?)+)",
    re.IGNORECASE,
)
_RESETS = ("requests", "tokens")
_EPOCH_S, _EPOCH_MS = 1e9, 1e12
"""From such numbers on a moment is meant, in seconds or milliseconds since 1970."""


def wait_asked_for(headers: Mapping[str, str], text: str) -> float | None:
    """Seconds until a server wants to be asked again, None when it does not say or says nonsense.

    Args:
        headers: Of its response, names in lower case or in a mapping that does not care.
        text: What it wrote.
    """
    candidates = (
        _duration(headers.get("retry-after-ms", "") + "ms"),
        _retry_after(headers.get("retry-after", "").strip()),
        _said(text),
        _until_reset(headers),
    )
    return next((one for one in candidates if one is not None and 0 < one < math.inf), None)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _retry_after(value: str) -> float | None:
    """Seconds, as the header holds them or up to the HTTP date in it."""
    seconds = _number(value)
    if seconds is not None:
        return seconds
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return _duration(value)
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - now()).total_seconds()


def _said(text: str) -> float | None:
    found = _SAYS.search(text)
    if found is None:
        return None
    return _duration(found.group(1))


def _duration(text: str) -> float | None:
    """The seconds of a length of time such as 6m0s or 120ms."""
    parts = _PART.findall(text)
    return sum(float(size) * _UNITS[unit.lower()] for size, unit in parts) if parts else None


def _until_reset(headers: Mapping[str, str]) -> float | None:
    """Seconds until what is used up comes back; the longest of what is used up."""
    waits = [
        _duration(headers.get(f"x-ratelimit-reset-{kind}", ""))
        or _number(headers.get(f"x-ratelimit-reset-{kind}", ""))
        for kind in _RESETS
        if _number(headers.get(f"x-ratelimit-remaining-{kind}", "")) == 0
    ]
    moment = _number(headers.get("x-ratelimit-reset", ""))
    if moment is not None and _number(headers.get("x-ratelimit-remaining", "")) == 0:
        if moment >= _EPOCH_S:
            moment = moment / (1000 if moment >= _EPOCH_MS else 1) - now().timestamp()
        waits.append(moment)
    known = [one for one in waits if one is not None]
    return max(known) if known else None
