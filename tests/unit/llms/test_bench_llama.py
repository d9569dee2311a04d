"""The benchmark of the 7B model, on a tiny one."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "bench_llama.py"


def test_the_benchmark_runs_on_the_processor(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    spec = importlib.util.spec_from_file_location("bench_llama", SCRIPT)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "bench_llama", module)
    spec.loader.exec_module(module)
    module.main(["--tiny"])
    printed = capsys.readouterr().out
    assert printed.startswith("the processor, torch ")
    found = re.search(r"weights, GiB +(\S+) +(\S+) +(\S+)", printed)
    assert found is not None
    assert float(found[3]) < 1
    for row in ("loading, s", "tokens/s, one answer", "tokens/s, batch of 16"):
        assert re.search(rf"^{row} +\d+\.\d +\d+\.\d +\d+\.\d\d$", printed, re.MULTILINE)
