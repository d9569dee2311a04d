"""The library starts fast: nothing heavy is loaded before it is asked for."""

import subprocess
import sys

HEAVY = {"torch", "transformers", "openai", "bitsandbytes", "gradio", "plotly"}
CODE = f"""
import sys
import core, core.ask, core.cli, core.collect, core.llms, core.llms.openai_api, core.precompute
print(sorted({HEAVY} & set(sys.modules)))
"""


def test_importing_the_library_and_its_commands_loads_nothing_heavy() -> None:
    found = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
