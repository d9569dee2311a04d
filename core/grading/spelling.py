"""Write numbers as English texts with digits do: other digits, LaTeX, units and words."""

import re
import unicodedata
from functools import partial

_POWER = re.compile(
    r"(?<![\d.,])(\d[\d.,]{,20}+)\s?(?:\\times|\\cdot|[×x*])\s?10\s?\^\s?"
    r"\{?([-−]?\d{1,2})\}?"
)
_FRACTION = re.compile(
    r"\\[dt]?frac\s?(?:\{\s?([-−]?[\d.,]+)\s?\}|\s?(\d))\s?(?:\{\s?([\d.,]+)\s?\}|\s?(\d))"
)
_LATEX = (
    # 12\ 500, 12\,500, 12~500, 12{,}500
    (re.compile(r"(?<=\d)(?:\\[ ,;:]|~|\{,\})(?=\d{3}(?!\d))"), ","),
    (re.compile(r"\\(?:left|right|displaystyle|quad|qquad|,|;|:|!)(?![a-z])"), " "),
    (re.compile(r"\\div(?![a-z])"), "÷"),
)
_UNIT_POWER = re.compile(
    r"(?<![^\W\d_])((?:sq|cu|square|cubic)\s)?"
    r"((?:[mckd]?m|in|ft|yd|mi|inch(?:es)?|feet|foot|(?:centi|milli|kilo)?met(?:er|re)s?|units?"
    r"|miles?|yards?|s)\}?)\s?(?:\^\s?\{?[23]\}?|[²³])",
    re.IGNORECASE,
)
_GROUPS = (
    # 1,25,000 and 1'234'567 and 1.234.567
    (re.compile(r"(?<![\d,.])\d{1,2}(?:,\d{2})+,\d{3}(?![\d,])"), ","),
    (re.compile(r"(?<![\d'’.])\d{1,3}(?:['’]\d{3})+(?!\d)"), "'’"),
    (re.compile(r"(?<![\d,.])[1-9]\d{0,2}(?:\.\d{3}){2,}(?![\d.,]\d|\d)"), "."),
)
_COMMA = re.compile(r"(?<![\d.,$])(?:\d{1,3}(?:\.\d{3})+,\d+|\d+,\d{1,2})(?![\d,]|\.\d)")
"""1.234,50 and 3,5: a comma before one or two digits parts decimals."""
_SUFFIX = re.compile(r"(?<![\w.])([$€£]\s?\d[\d.,]{,20}+)\s?([kKmMbB])(?![\w])")
_SUFFIXES = {"k": " thousand", "m": " million", "b": " billion"}
_STATED = r"(?:^|[=:({]|\b(?:is|was|be|equals|of|to))[ \t]*"
_SIGN_WORD = re.compile(
    rf"(?P<before>{_STATED})minus\s(?=[$€£]?\.?\d)|(?<![\w-])negative\s(?=[$€£]?\.?\d)",
    re.IGNORECASE | re.MULTILINE,
)
_SIGN_APART = re.compile(rf"({_STATED})[-−–][ \t](?=[$€£]?\d)")


def spelled_out(text: str) -> str:
    r"""Write what stands for a number as digits with commas between thousands.

    Full-width and native digits, \frac12, 1.5 \times 10^{3}, 1'234, 1,25,000, 1.234,50, $20k,
    "minus 5" and "- 5" after an equals sign; the exponent of a unit ("24 cm^2") goes.
    """
    if not text.isascii():
        text = "".join(map(_digit, text))
    if "\\" in text:
        text = _FRACTION.sub(_fraction, text)
        for pattern, plain in _LATEX:
            text = pattern.sub(plain, text)
    text = _POWER.sub(_power, text)
    text = _UNIT_POWER.sub(r"\2", text)
    for pattern, marks in _GROUPS:
        text = pattern.sub(partial(_without, marks), text)
    text = _COMMA.sub(lambda match: match[0].replace(".", "").replace(",", "."), text)
    text = _SUFFIX.sub(lambda match: match[1] + _SUFFIXES[match[2].lower()], text)
    return _SIGN_APART.sub(r"\1-", _SIGN_WORD.sub(lambda match: f"{match['before'] or ''}-", text))


def _digit(sign: str) -> str:
    """A decimal digit of any script, or a full-width sign, in ASCII; others as they are."""
    if sign.isascii():
        return sign
    value = unicodedata.decimal(sign, None)
    if value is not None:
        return str(value)
    return unicodedata.normalize("NFKC", sign) if "\uff01" <= sign <= "\uff5e" else sign


def _power(match: re.Match[str]) -> str:
    return f"{match[1].replace(',', '')}e{match[2].replace('−', '-')}"


def _without(marks: str, match: re.Match[str]) -> str:
    return match[0].translate(dict.fromkeys(map(ord, marks)))


def _fraction(match: re.Match[str]) -> str:
    above, below = match[1] or match[2], match[3] or match[4]
    if "." not in above + below:
        before = match.string[match.start() - 1 : match.start()]
        return f"{' ' if before.isdigit() else ''}{above}/{below}"
    return f"({above})/({below})"
