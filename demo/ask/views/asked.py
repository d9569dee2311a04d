"""What stands on the page: the question that was answered last, and what it was compared with."""

from dataclasses import dataclass

from markupsafe import Markup

from core.asking.ranking import Ranking
from core.asking.solve import Answer
from core.costs.prices import Price
from demo.ask.choices import Prepared
from demo.ask.views.answer import answer_card, numbered
from demo.ask.views.votes import votes_html


@dataclass(frozen=True)
class Asked:
    """The question that is on the page with its answer, to compare with.

    Attributes:
        question: As it was asked.
        llm: Who was asked.
        answer: What came of it.
        steps: The calls of a policy that says what it believes, as HTML.
        number: Of the question in the session.
    """

    question: Prepared
    llm: str
    answer: Answer
    steps: Markup
    number: int

    def card(self, stand_in: Price | None) -> Markup:
        """The answer as HTML; ``stand_in`` is the price where it has none."""
        one = self.question
        card = answer_card(one.title, self.answer, self.steps, one.gold, one.query, stand_in)
        return numbered(self.number, card)


@dataclass(frozen=True)
class Compared:
    """What exhaustive prompting made of a question.

    Attributes:
        asked: The question.
        every: What came of it.
    """

    asked: Asked
    every: Answer

    def card(self, stand_in: Price | None) -> Markup:
        """The answer as HTML; ``stand_in`` is the price where it has none."""
        one = self.asked.question
        title, votes = exhaustive_title(one.ranking), votes_html(self.every, one.gold)
        card = answer_card(title, self.every, votes, one.gold, one.query, stand_in)
        return numbered(self.asked.number, card)


def exhaustive_title(ranking: Ranking) -> str:
    """What stands over the answer of exhaustive prompting."""
    return f"Exhaustive prompting: {len(ranking.prompts)} calls and a vote"
