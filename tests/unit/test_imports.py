"""The library starts fast: nothing heavy is loaded before it is asked for."""

import os
import subprocess
import sys
from pathlib import Path

HEAVY = {"torch", "spaces", "transformers", "openai", "bitsandbytes", "gradio", "plotly"}
CODE = f"""
import sys
import core, core.ask, core.cli, core.collect, core.llms, core.llms.openai_api, core.offers
import core.precompute
core.offers.offers()
print(sorted({HEAVY} & set(sys.modules)))
"""


def test_importing_the_library_and_its_commands_loads_nothing_heavy(tmp_path: Path) -> None:
    environment = os.environ | {"PROMPT_OIRL_STATE": str(tmp_path)}
    found = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env=environment
    )
    assert found.stdout.strip() == "[]"
