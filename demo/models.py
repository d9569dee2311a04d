"""The models that every visitor uses: loaded once, and passed over by the garbage collector."""

import gc
import threading
from functools import cache

from core import llms
from core.demonstrations import EMBEDDED
from core.ranking import shipped_scorer


def warm_up() -> None:
    """Load the models beside the page that somebody has just opened, for a prompt first answer."""
    threading.Thread(target=load_models, daemon=True).start()


@cache
def load_models() -> None:
    """Load what ranks and then the LLM that answers; afterwards this does nothing.

    Raises:
        ArtifactError: the reward model is missing or damaged.
        LLMError: the embedded LLM cannot be loaded.
    """
    shipped_scorer(EMBEDDED)
    llms.get(EMBEDDED)
    # Python collects cycles among old objects once a quarter as many have come anew. With the
    # million that libraries brought, what each closed connection leaves would wait for that for
    # very long. They are put aside, and the collection after it counts those that are left.
    gc.freeze()
    gc.collect()
