"""Find what an LLM replies in what it wrote: thoughts before it and questions after it go.

Reasoning models and agents put their thoughts before the reply, in one of a few forms: between
tags, before a closing tag alone, in a channel of its own, or as lines of Thought, Action and
Observation. A thought that never ends has no reply.
"""

import re

_NAMES = (
    r"think(?:ing)?|thoughts?|reason(?:ing)?|scratch_?pad|reflection|analysis|inner_monologue"
    r"|seed:think|thinking_process"
)
_OPEN = re.compile(
    rf"<\s?(?:{_NAMES})\b[^<>\n]{{,40}}>|\[(?:{_NAMES})\]|◁think▷|<\|(?:begin_of_thought"
    rf"|start_thinking|think)\|>",
    re.IGNORECASE,
)
_CLOSE = re.compile(
    rf"</\s?(?:{_NAMES})\s?>|\[/(?:{_NAMES})\]|◁/think▷|<\|(?:end_of_thought|end_thinking"
    rf"|/think)\|>",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"(?:<\s?(?:final_?)?(?:answer|solution|output|response)\s?>|\[(?:final_?)?answer\]"
    r"|<\|begin_of_solution\|>)"
    r"(?P<inside>(?>(?:(?!</|\[/|<\|end_of).)*))",
    re.IGNORECASE | re.DOTALL,
)
_FINAL_CHANNEL = re.compile(r"<\|channel\|>\s?final\b.*?<\|message\|>|\bassistantfinal", re.DOTALL)
_CHANNEL = re.compile(r"<\|channel\|>|^analysis(?=[A-Z])")
_CONTROL = re.compile(r"<\|[a-z_]{1,20}\|>.*", re.DOTALL)
_AGENT = re.compile(
    r"^[ \t*]*+(?P<label>thought|action(?: input)?|observation|(?:final )?answer)[ \t]?\d{,2}\**:",
    re.IGNORECASE | re.MULTILINE,
)
_NEXT = re.compile(
    r"\n[ \t]*+(?>(?:#{1,4}[ \t]*+|\*\*)?)"
    r"(?:(?:question|problem|exercise|instruction|q)(?:\*\*)?:"
    r"|(?:human|user)(?:\*\*)?:|\[INST\]|<\|user\|>)",
    re.IGNORECASE,
)
_ENDED = re.compile(r"####\s?[-−$€£]?\d|\\boxed|\banswer is\b|\bfinal answer\b", re.IGNORECASE)
"""What the last line of an answer has; an LLM that asks itself questions on the way has it not."""


def reply(text: str) -> str:
    """The part of a text in which its final answer stands; empty where it never came to one.

    Args:
        text: All that an LLM wrote.
    """
    return _before_next_question(_without_steps(_without_thoughts(text)))


def _without_thoughts(text: str) -> str:
    if _CHANNEL.search(text):
        finals = list(_FINAL_CHANNEL.finditer(text))
        return _CONTROL.sub("", text[finals[-1].end() :]) if finals else ""
    closed = list(_CLOSE.finditer(text))
    if closed:
        text = text[closed[-1].end() :]
    opened = _OPEN.search(text)
    if opened:
        text = text[: opened.start()]
    answers = [match["inside"] for match in _ANSWER.finditer(text)]
    told = [one for one in answers if one.strip()]
    return told[-1] if told else text


def _without_steps(text: str) -> str:
    """Without the lines of an agent's thoughts, actions and observations."""
    labels = list(_AGENT.finditer(text))
    if not any(label["label"].lower() in ("thought", "action", "observation") for label in labels):
        return text
    ends = [*(label.start() for label in labels[1:]), len(text)]
    kept = [
        text[label.start() : end]
        for label, end in zip(labels, ends, strict=True)
        if label["label"].lower().endswith("answer")
    ]
    return "\n".join(kept)


def _before_next_question(text: str) -> str:
    """Without a further question that the LLM went on to ask itself."""
    for following in _NEXT.finditer(text):
        before = text[: following.start()].rstrip()
        if _ENDED.search(before, before.rfind("\n") + 1):
            return before
    return text
