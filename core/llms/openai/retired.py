"""Models that OpenAI has shut down, as the openai package 3.57.0 states them."""

from datetime import date

_OCTOBER_2026 = date(2026, 10, 23)
RETIRED: dict[str, tuple[date, str]] = {
    "gpt-3.5-turbo": (_OCTOBER_2026, "gpt-5.6-terra"),
    "gpt-3.5-turbo-0125": (_OCTOBER_2026, "gpt-5.6-terra"),
    "gpt-4": (_OCTOBER_2026, "gpt-5.6-sol"),
    "gpt-4-0613": (_OCTOBER_2026, "gpt-5.6-sol"),
    "gpt-4-turbo": (_OCTOBER_2026, "gpt-5.6-sol"),
    "gpt-4-turbo-2024-04-09": (_OCTOBER_2026, "gpt-5.6-sol"),
}
"""The day, and a model of the same list to use instead."""
CHEAP_ALTERNATIVE = "gpt-6-luna"
"""A small model of the same list."""
