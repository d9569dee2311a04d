"""The library starts fast: nothing heavy is loaded before an LLM that needs it is asked."""

import os
import subprocess
import sys
from pathlib import Path

HEAVY = {"torch", "spaces", "transformers", "openai", "bitsandbytes", "gradio", "plotly"}
CODE = f"""
import sys
import core, core.asking.solve, core.building.precompute, core.cli, core.collect, core.llms
import core.hosting.offers, core.llms.openai.api
core.hosting.offers.offers()
print(sorted({HEAVY} & set(sys.modules)))
"""

SLOW = {"torch", "transformers", "openai", "lightgbm", "sklearn", "scipy"}
PAGE = f"""
import sys
from demo.app import create_app
create_app()
print(sorted({SLOW} & set(sys.modules)))
"""
ASKING = f"""
import sys
from core import llms
[answer] = llms.get("embedded").complete(["How many are 3 boxes with 4 pens each?"])
print(len(answer.text) > 0, sorted({HEAVY} & set(sys.modules)))
"""


def test_importing_the_library_and_its_commands_loads_nothing_heavy(tmp_path: Path) -> None:
    assert _printed(CODE, tmp_path) == "[]"


def test_the_page_is_there_before_what_ranks_and_answers(tmp_path: Path) -> None:
    assert _printed(PAGE, tmp_path) == "[]"


def _printed(code: str, state: Path) -> str:
    environment = os.environ | {"PROMPT_OIRL_STATE": str(state)}
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    return found.stdout.strip()


def test_the_embedded_llm_answers_without_torch_and_transformers(tmp_path: Path) -> None:
    assert _printed(ASKING, tmp_path) == "True []"
