r"""Read the numbers of an LLM's answer, and split it into the sentences that can state a result.

All patterns take time linear in the length of the text: a repetition never gives back what it
took (possessive `++`), and a text is split into sentences once.
"""

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

_MOST_CHARACTERS = 40
"""A longer number is noise, and Python refuses to read very long ones."""

# Thin and no-break spaces are typed on purpose between thousands; a plain space stands as often
# between two numbers, so "1 234" stays two.
_GROUP = r"[,\u00a0\u2009\u202f]"
# Groups are repeated within atomic ones: Python before 3.11.5 matches a possessive quantifier over
# a group wrongly, and Debian 12 has 3.11.2.
_NUMBER = re.compile(
    rf"""
      (?<![\w.]) (?P<skipped> \d++ (?: (?>(?::\d++)+) | (?:\.\d++){{2,}} | (?:/\d++){{2,}} ) )
    | (?<!\w)
      (?> (?P<sign> (?<![.)\]}}]) [-−–] )? ) (?> (?P<money> [$€£¥] )? )
      (?> (?P<inner_sign> [-−–] )? )
      (?> (?: (?P<whole> \d++ ) \s (?= \d++/\d ) )? )
      (?P<main> (?> \d{{1,3}} (?: {_GROUP}\d{{3}} (?!\d) )+ | \d++ ) (?> (?: \.\d++ )? ) | \.\d++ )
      (?> (?P<power> e[-+]?\d{{1,2}} \b )? )
      (?! [xyzn]\b )
      (?> (?: [ ]?/[ ]? (?P<below> \d++ ) (?! \.\d ) )? )
      (?> (?: \s (?P<scale> hundred | thousand | million | billion ) \b )? )
    """,
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)
"""A number, or under `skipped` what is none: a time or ratio 5:30, a version 1.2.3, a date 1/2/03.

The name of an unknown ends no number, so the 2 of "2x = 8" is left out.
"""
_SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9}

_MARKUP = (
    (re.compile(r"(?<=\d)\s?+\\[dt]?frac\s?+\{([\d,]++)\}\s?+\{([\d,]++)\}"), r" \1/\2"),
    (re.compile(r"\\[dt]?frac\s?+\{(-?[\d,]++)\}\s?+\{([\d,]++)\}"), r"\1/\2"),
    (re.compile(r"\\(?:text|mathrm|mathbf|textbf)\s?+\{([^{}]*+)\}"), r"\1"),
    (re.compile(r"(?<=\d)(?:\{,\}|\\,)(?=\d{3})"), ","),
    (re.compile(r"\*\*|__|`|\\[()\[\]!,;]|\\(?=[$%])"), ""),
)
_VULGAR_FRACTION = re.compile("[¼-¾⅐-⅞]")

_COURTESY = (
    r"(?:I hope|let me know|please let|feel free|if you have|do you have|would you like"
    r"|is there anything)\b"
)
_CHATTER = re.compile(rf"\s*+{_COURTESY}", re.IGNORECASE)

# "1. ", "- 2) ", "Step 3", "Expert 1:": they count lines, not things. "42. I hope …" is an answer.
_LABEL = re.compile(
    r"^[ \t]*+(?>(?:[#>*•-]++[ \t]++)?)"
    rf"(?:\d{{1,2}}[.)][ \t]++(?=\S)(?!{_COURTESY})|[a-z-]++ #?\d{{1,2}}:(?!\d)|step \d++)",
    re.IGNORECASE | re.MULTILINE,
)
_CONTINUED = re.compile(r":[ \t]*+\n\s*+")
_SENTENCE_END = re.compile(r"[.!?]++(?=[\s\"')\]]|$)|\n")


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text: what it means, and whether it is an amount of money."""

    value: Fraction
    is_money: bool


def numbers(text: str) -> list[Number]:
    """Return the numbers of a text in their order; 42% is 42 and 2.5 million is 2500000."""
    matches = _NUMBER.finditer(text)
    return [
        Number(value, match["money"] is not None)
        for match in matches
        if (value := _value(match)) is not None
    ]


def _value(match: re.Match[str]) -> Fraction | None:
    if match["skipped"] or len(match.group()) > _MOST_CHARACTERS:
        return None
    main, power = match["main"], match["power"] or ""
    # Most are plain, and a fraction of a whole number is made many times faster than one of a text.
    plain = not power and main.isdigit()
    value = Fraction(int(main)) if plain else Fraction(re.sub(_GROUP, "", main) + power)
    if match["below"]:
        if int(match["below"]) == 0:
            return None
        value /= int(match["below"])
    if match["whole"]:
        value += int(match["whole"])
    if match["scale"]:
        value *= _SCALES[match["scale"].lower()]
    return -value if match["sign"] or match["inner_sign"] else value


def without_markup(text: str) -> str:
    r"""Write bold text, \frac{3}{4}, \$5 and ½ as plain text."""
    for pattern, plain in _MARKUP:
        text = pattern.sub(plain, text)
    return _VULGAR_FRACTION.sub(
        lambda match: " " + unicodedata.normalize("NFKC", match.group()).replace("⁄", "/"),  # noqa: RUF001
        text,
    )


def without_labels(text: str) -> str:
    """Drop what numbers the lines of a text: "1. ", "Step 3", "Expert 1:"."""
    return _LABEL.sub("", text)


def sentences(text: str) -> list[str]:
    """Split a text without markup into sentences and lines; "Let me know …" and such are dropped.

    A line that ends with a colon goes on in the next: "The answer is:" and the number below it
    are one sentence.
    """
    text = _CONTINUED.sub(": ", text)
    start, parts = 0, []
    for match in _SENTENCE_END.finditer(text):
        parts.append(text[start : match.end()])
        start = match.end()
    parts.append(text[start:])
    return [part for part in parts if not _CHATTER.match(part)]
