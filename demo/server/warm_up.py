"""The models that every visitor uses: loaded once, and passed over by the garbage collector."""

import gc
from functools import cache

from core import llms
from core.asking.ranking import shipped_scorer
from core.demonstrations import EMBEDDED
from demo.background import Task

_OFTEN = 2
"""Collections of young objects from one of all to the next; Python's own is 10."""


def warm_up() -> None:
    """Load the models beside the page that somebody has just opened, for a prompt first answer."""
    Task(lambda task: load_models()).start()


@cache
def load_models() -> None:
    """Load what ranks and then the LLM that answers; afterwards this does nothing.

    Raises:
        ArtifactError: the reward model is missing or damaged.
        LLMError: the embedded LLM cannot be loaded.
    """
    shipped_scorer(EMBEDDED)
    llms.get(EMBEDDED)
    # What closed connections leave is found by looking through all objects. With half a million
    # of libraries that takes most of a second, in which nobody is answered, and is put off for
    # long. Without them it takes next to nothing and may be done five times as often.
    gc.freeze()
    gc.collect()
    gc.set_threshold(*gc.get_threshold()[:2], _OFTEN)
