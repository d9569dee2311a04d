"""In words, what of an answer's text speaks for it or against it."""

from core.policies.verifier.features import FEATURES, read
from core.policies.verifier.question import read_question


def reasons(query: str, text: str, answer: str) -> list[str]:
    """What a person would check first: the question's numbers, foreign ones, and the last step.

    Args:
        query: The question.
        text: All that was answered.
        answer: Its final number, as ``final_answer.canonical`` writes it.
    """
    row = read(query, text, answer)
    if row is None:
        return []
    found = dict(zip(FEATURES, row, strict=True))
    if not found["equations"]:
        return ["shows no equation"]
    said = []
    given = len(read_question(query).given)
    if given:
        said.append(f"computes with {given - found['not_computed_with']:.0f} of {given} numbers")
    foreign = int(found["from_nowhere"])
    if foreign:
        said.append(f"{foreign} number{'s' * (foreign > 1)} not from the question")
    if not found["concluded"]:
        said.append("its last equation gives another number")
    return said
