"""Numbers as people type them: with parted thousands, a decimal comma or a sign of money."""

import math
import re
import unicodedata

from core.errors import DataError

_LONGEST_QUOTE = 40
_GAPS = re.compile(r"[\s'’_]")
"""Signs that part thousands and nothing else."""
_MONEY = re.compile(r"^\$|\$$|USD$", re.IGNORECASE)
_PLAIN = re.compile(r"(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_GROUPS = r"\d{{1,3}}(?:{0}\d{{3}})+"


def amount(what: str, text: str, most: float) -> float:
    """Read an amount that someone typed.

    Args:
        what: Its name and unit, for the message.
        text: As typed.
        most: The largest that is allowed; the smallest is 0.

    Raises:
        DataError: the text is not a number from 0 to ``most``, or may mean two; the message names
            what was typed and what is allowed.
    """
    short = _shortened(text)
    if short and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", short):
        large = short.replace(".", "")
        small = f"{short}0" if float(short) % 1 else short.split(".")[0]
        raise DataError(
            f"{what}: {quoted(text)} may mean {large} or {float(short):g}. "
            f"Write {large} or {small}."
        )
    value = _value(short)
    if not 0 <= value <= most:
        raise DataError(f"{what}: {quoted(text)} is not a number from 0 to {most:,}.")
    return value


def whole_number(what: str, text: str, most: int) -> int:
    """Read a count from 1 to ``most``.

    Raises:
        DataError: the text is no such number; the message names both.
    """
    short = _shortened(text)
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", short):
        short = short.replace(".", "")
    value = _value(short)
    if not 1 <= value <= most or value % 1:
        raise DataError(f"{what}: {quoted(text)} is not a whole number from 1 to {most:,}.")
    return int(value)


def quoted(text: str) -> str:
    """What was typed, shortened."""
    short = text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"
    return repr(short)


def _shortened(text: str) -> str:
    """The text in plain digits and without signs that part thousands; empty when it is too long."""
    if len(text) > _LONGEST_QUOTE:
        return ""
    text = _MONEY.sub("", unicodedata.normalize("NFKC", text).strip()).strip()
    if re.fullmatch(rf"{_GROUPS.format(_GAPS.pattern)}([.,]\d+)?", text):
        text = _GAPS.sub("", text)
    return text


def _value(text: str) -> float:
    for part, point in ((",", "."), (".", ",")):
        groups = _GROUPS.format(re.escape(part))
        several = groups.replace("+", "{2,}") if part == "." else groups
        if re.fullmatch(rf"{groups}{re.escape(point)}\d+|{several}", text):
            return float(text.replace(part, "").replace(point, "."))
    if re.fullmatch(r"\d+,\d+", text):
        text = text.replace(",", ".")
    return float(text) if _PLAIN.fullmatch(text) else math.nan
