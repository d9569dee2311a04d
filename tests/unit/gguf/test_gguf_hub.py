"""GGUF files of the Hub: what is said before a download, how it goes, and what goes wrong."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_hub import FakeHub

from core import llms
from core.llms import LLMError, Sampling
from core.llms.gguf import hub, parse

NAME = "me/mine/small.gguf"
ROOT = Path(__file__).resolve().parents[3]
_DIES_MIDWAY = """
import os, signal, sys
from huggingface_hub import constants
from core.llms.gguf import hub, parse

def die(here, size):
    if here > 2_000_000:
        os.kill(os.getpid(), signal.SIGKILL)

constants.DOWNLOAD_CHUNK_SIZE = 100_000
hub.fetch(hub.describe(parse(sys.argv[1])), die)
"""


def _quiet(here: int, size: int) -> None:
    """Watch nothing."""


@pytest.fixture
def served(fake_hub: FakeHub, embedded_gguf: Path, tmp_path: Path) -> FakeHub:
    """A hub that has the file."""
    folder = tmp_path / "repo"
    folder.mkdir()
    shutil.copy(embedded_gguf, folder / "small.gguf")
    fake_hub.repos["me/mine"] = folder
    return fake_hub


def test_a_file_is_described_fetched_once_and_then_answers(
    served: FakeHub, embedded_gguf: Path
) -> None:
    source, size = parse(NAME), embedded_gguf.stat().st_size
    with pytest.raises(LLMError, match=r"not on this machine.*--yes") as missing:
        llms.get(f"gguf:{NAME}")
    assert missing.value.kind == "not found"
    remote = hub.describe(source)
    assert str(remote) == f"gguf:{NAME} (me/mine): {size / 1e6:.0f} MB, licence apache-2.0"
    assert served.sent == []
    seen: list[tuple[int, int]] = []
    path = hub.fetch(remote, lambda here, whole: seen.append((here, whole)))
    assert seen[-1] == (size, size)
    assert path.read_bytes() == embedded_gguf.read_bytes()
    llm = llms.get(f"gguf:{NAME}", Sampling(temperature=0, max_tokens=5))
    assert llm.model == NAME
    assert llm.complete(["How many?"])[0].text
    assert served.sent == ["small.gguf"]


def test_a_short_name_says_its_own_licence(served: FakeHub, embedded_gguf: Path) -> None:
    folder = served.repos["me/mine"]
    shutil.copy(embedded_gguf, folder / "llama-2-7b-chat.Q4_K_M.gguf")
    served.repos["TheBloke/Llama-2-7B-Chat-GGUF"] = folder
    assert hub.describe(parse("llama2-7b-chat")).licence == "Llama 2"


def test_a_broken_connection_is_taken_up_where_it_broke(
    served: FakeHub, embedded_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 100_000)
    served.breaks = 1_000_000
    path = hub.fetch(hub.describe(parse(NAME)), _quiet)
    assert len(served.resumed) == 1
    assert 0 < served.resumed[0] <= 1_000_000
    assert path.read_bytes() == embedded_gguf.read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_download_goes_on_after_its_process_was_killed(
    served: FakeHub, embedded_gguf: Path
) -> None:
    from huggingface_hub import constants

    settings = {"HF_ENDPOINT": constants.ENDPOINT, "HF_HUB_CACHE": constants.HF_HUB_CACHE}
    killed = subprocess.run(
        [sys.executable, "-c", _DIES_MIDWAY, NAME], cwd=ROOT, env=os.environ | settings, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert hub.cached(parse(NAME)) is None
    path = hub.fetch(hub.describe(parse(NAME)), _quiet)
    assert len(served.resumed) == 1
    assert served.resumed[0] > 1_000_000
    assert path.read_bytes() == embedded_gguf.read_bytes()
    assert hub.cached(parse(NAME)) == path


def test_a_file_that_differs_from_its_checksum_is_thrown_away(served: FakeHub) -> None:
    remote = hub.describe(parse(NAME))
    served.damaged = True
    with pytest.raises(LLMError, match=r"arrived damaged.*SHA-256"):
        hub.fetch(remote, _quiet)
    assert hub.cached(parse(NAME)) is None
    served.damaged = False
    assert hub.fetch(remote, _quiet).is_file()


def test_who_is_told_may_break_a_download_off(served: FakeHub) -> None:
    def stop(here: int, size: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hub.fetch(hub.describe(parse(NAME)), stop)
    assert hub.cached(parse(NAME)) is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("me/other/small.gguf", "shows no model 'me/other'"),
        ("me/mine/large.gguf", "its repository has no file large.gguf"),
    ],
)
def test_what_does_not_exist_is_named(served: FakeHub, name: str, said: str) -> None:
    with pytest.raises(LLMError, match=said):
        hub.describe(parse(name))


def test_a_gated_file_says_how_to_be_let_in(served: FakeHub) -> None:
    served.gated.add("me/mine")
    with pytest.raises(LLMError, match="may not download gguf:me/mine"):
        hub.describe(parse(NAME))


def test_without_a_network_a_file_on_this_machine_is_asked_for(
    fake_hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(LLMError, match=r"cannot be reached.*gguf:/a/file\.gguf"):
        hub.describe(parse(NAME))


def test_a_full_disk_is_known_before_a_download(
    served: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil._ntuple_diskusage(10**9, 10**9, 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(LLMError, match=r"takes \d+ MB; 0 MB are free"):
        hub.fetch(hub.describe(parse(NAME)), _quiet)
    assert served.sent == []
