"""The endpoints of Ask for programs: `/rank` and `/ask`."""

from typing import Any

from core import llms
from core.artifacts import budget_for
from core.asking.mending import mending_helps, mends_text
from core.asking.ranking import rank
from core.asking.solve import solve
from core.asking.typed import check_computes
from core.demonstrations import EMBEDDED
from core.policies import policy_by_name
from core.prompts import OFFERED
from core.query import check_query
from demo.common import tells_errors
from demo.server.warm_up import load_models


@tells_errors
def rank_endpoint(question: str) -> list[dict[str, Any]]:
    """Rank the sixteen published prompts for a question, best first."""
    return rank(check_computes(check_query(question)), log=EMBEDDED).rows()


@tells_errors
def ask_endpoint(question: str, policy: str = "best-of-n") -> dict[str, Any]:
    """Answer a question with the embedded LLM, by default with one call of the best prompt.

    ``policy`` is a name such as best-of-n, budgeted:4 or majority-vote:16.
    """
    query = check_computes(check_query(question))
    load_models()
    ranking = rank(query, log=EMBEDDED)
    chosen = policy_by_name(policy, [prompt.id for prompt in OFFERED], lambda: budget_for(EMBEDDED))
    answer = solve(query, ranking, chosen, llms.get(EMBEDDED), mend=mending_helps(EMBEDDED))
    return {
        "answer": answer.value,
        "mended": mends_text(answer.mends),
        "text": answer.text,
        "prompt_id": answer.prompt.id,
        "calls": len(answer.calls),
        "tokens": answer.tokens,
        "dollars": answer.cost.dollars,
        "dollars_are_a_bound": answer.cost.bound,
        "seconds": answer.seconds,
    }
