"""Numbers written as English words: "twelve", "twenty-five", "one hundred and five"."""

import re

_UNITS = {
    word: number
    for number, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
        fifteen sixteen seventeen eighteen nineteen""".split()  # noqa: SIM905
    )
}
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(),  # noqa: SIM905
        start=2,
    )
}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
_WORD = "|".join((*_UNITS, *_TENS, "hundred", *_SCALES))
_NUMBER = re.compile(rf"\b(?:{_WORD})(?:(?:-|\s+and\s+|\s+)(?:{_WORD}))*\b", re.IGNORECASE)


def last_number(text: str) -> int | None:
    """The last number of a text that has no digits, None without any.

    Args:
        text: English.
    """
    found = list(_NUMBER.finditer(text))
    return _value(re.split(r"[\s-]+", found[-1].group().lower())) if found else None


def _value(words: list[str]) -> int:
    """Add up the parts before each scale: "two thousand one hundred and five"."""
    total = part = 0
    for word in words:
        if word == "hundred":
            part = max(part, 1) * 100
        elif word in _SCALES:
            total, part = total + max(part, 1) * _SCALES[word], 0
        elif word != "and":
            part += _UNITS.get(word, 0) + _TENS.get(word, 0)
    return total + part
