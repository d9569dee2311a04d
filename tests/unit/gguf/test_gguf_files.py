"""GGUF files before they are loaded: names, what is wrong with a file, and memory."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from gguf_files import convert

from core.errors import UnknownNameError
from core.llms import LLMError
from core.llms.gguf import SHORT_NAMES, checks, parse
from core.llms.gguf.checks import SLOTS, inspect, slots_that_fit
from core.paths import FOLDER


def _source(path: Path) -> object:
    return parse(str(path))


@pytest.mark.parametrize(
    ("model", "repo", "file"),
    [
        ("llama2-7b-chat", "TheBloke/Llama-2-7B-Chat-GGUF", "llama-2-7b-chat.Q4_K_M.gguf"),
        ("me/mine/small.gguf", "me/mine", "small.gguf"),
        ("me/mine/q4/small.Q4.gguf", "me/mine", "q4/small.Q4.gguf"),
    ],
)
def test_a_short_name_and_a_file_of_the_hub_are_told_apart(
    model: str, repo: str, file: str
) -> None:
    source = parse(model)
    assert (source.name, source.path) == (f"gguf:{model}", None)
    assert (source.repo, source.file) == (repo, file)


@pytest.mark.parametrize("model", ["/a/file.gguf", "./file.gguf", "~/file.gguf"])
def test_a_path_is_a_path_whether_or_not_it_exists(model: str) -> None:
    assert parse(model).path == Path(model).expanduser()


@pytest.mark.parametrize("model", ["qwen", "me/mine", "me/mine/file.bin", "../me/x/../y.gguf "])
def test_an_unknown_name_is_answered_with_those_there_are(model: str) -> None:
    if model.startswith("."):
        assert parse(model).path is not None
        return
    with pytest.raises(UnknownNameError) as error:
        parse(model)
    for known in (*SHORT_NAMES, "OWNER/REPO/FILE.gguf", "/a/file.gguf"):
        assert known in str(error.value)


def test_a_whole_file_tells_its_size_context_and_control_tokens(embedded_gguf: Path) -> None:
    header = inspect(_source(embedded_gguf), embedded_gguf).header
    assert (header.architecture, header.context) == ("llama", 512)
    # Keys and values of 4 layers, 192 wide, 2 bytes each.
    assert header.cache_bytes == 2 * 4 * 192 * 2
    assert header.control_tokens == ("<|assistant|>", "<|user|>", "<pad>", "</s>")


def _cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


@pytest.mark.parametrize(
    ("spoil", "kind", "said"),
    [
        (lambda path: path.unlink(), "not found", "There is no file"),
        (lambda path: path.write_bytes(b"PK\3\4" * 99), "malformed", "does not begin with GGUF"),
        (lambda path: path.write_bytes(b"GGUF\1\0\0\0" + bytes(99)), "malformed", "version 1"),
        (lambda path: _cut(path, 5_000), "malformed", "ends within its header"),
        (lambda path: _cut(path, 500_000), "malformed", "not complete: it has 500,000 bytes"),
        (lambda path: _cut(path, 0), "malformed", "does not begin with GGUF"),
    ],
)
def test_a_damaged_file_is_refused_before_it_is_loaded(
    embedded_gguf: Path, tmp_path: Path, spoil: Callable[[Path], None], kind: str, said: str
) -> None:
    path = shutil.copy(embedded_gguf, tmp_path / "spoilt.gguf")
    spoil(path)
    with pytest.raises(LLMError, match=said) as error:
        inspect(_source(path), path)
    assert error.value.kind == kind
    assert "spoilt.gguf" in str(error.value)


def test_a_model_without_a_chat_template_is_refused_unless_its_frame_is_known(
    tmp_path: Path,
) -> None:
    path = convert(FOLDER / "embedded", tmp_path / "base.gguf", template=False)
    with pytest.raises(LLMError, match="no chat template"):
        inspect(_source(path), path)
    known = inspect(parse("llama2-7b-chat"), path)
    assert "[INST]" in known.template


def test_too_little_memory_is_known_before_loading(
    embedded_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = inspect(_source(embedded_gguf), embedded_gguf)
    weights = embedded_gguf.stat().st_size + checks.WORKING_MEMORY
    each = 512 * file.header.cache_bytes

    def with_memory(free: int) -> int:
        monkeypatch.setattr(checks, "free_memory", lambda: free)
        return slots_that_fit(file, 512)

    assert with_memory(weights + 99 * each) == SLOTS
    assert with_memory(weights + 5 * each) == 5
    with pytest.raises(LLMError, match=r"takes about 0\.\d GiB of memory; 0\.0 GiB are free") as e:
        with_memory(1000)
    assert e.value.kind == "out of memory"


def test_a_container_s_limit_counts_and_what_it_can_give_back_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_CGROUP", tmp_path)
    machine = checks.free_memory()
    (tmp_path / "memory.max").write_text("5000\n")
    (tmp_path / "memory.current").write_text("4000\n")
    (tmp_path / "memory.stat").write_text("anon 1000\nfile 3000\n")
    assert checks.free_memory() == 4000
    (tmp_path / "memory.max").write_text("max\n")
    assert checks.free_memory() == pytest.approx(machine, rel=0.5)
