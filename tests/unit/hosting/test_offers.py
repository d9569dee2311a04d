"""Which LLMs a page offers under which settings, who pays, and where a visitor's key goes."""

import gc
import logging
import os
import sys
import traceback
import weakref
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from fake_openai import Asked, FakeOpenAI, Reply, error, raw, stream
from spending_left import left

from core import llms
from core.errors import DataError, PromptOIRLError
from core.hosting import settings
from core.hosting.offers import Offer, offers, open_llm, price_of_offer
from core.hosting.spending import Spending
from core.llms import Attempt, Completion, Control, Failure, LLMError
from core.llms.base import SpendingLimit
from core.llms.local import gpus

OPERATORS = "sk-operator-0123456789operator"
VISITORS = "sk-visitor-9876543210-qjkz"
PRICED = "gpt-5.6-terra"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without any setting, key or GPU."""
    for name in os.environ:
        if name.startswith(("PROMPT_OIRL_", "OPENAI_", "SPACE")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PROMPT_OIRL_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(gpus, "_DRIVER", tmp_path / "driver")


@pytest.fixture
def openai_at(
    fake_server: Callable[..., FakeOpenAI], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., FakeOpenAI]:
    """Start a server that passes for OpenAI itself."""

    def start(*arguments: Callable[[Asked], Reply]) -> FakeOpenAI:
        server = fake_server(*arguments)
        monkeypatch.setattr("core.llms.openai.server.DEFAULT_URL", server.url)
        for module in ("core.llms.openai.server", "core.hosting.offers"):
            monkeypatch.setattr(f"{module}.is_openai", lambda address: address == server.url)
        return server

    return start


def _offer(name: str) -> Offer:
    return next(offer for offer in offers() if offer.name == name)


def test_a_bare_machine_offers_what_costs_nobody_and_apis_with_a_key_of_ones_own(
    tmp_path: Path,
) -> None:
    found = offers()
    assert [(offer.name, offer.payer) for offer in found] == [
        ("embedded", "nobody"),
        ("recorded:gsm8k", "nobody"),
        ("gguf:qwen2.5-0.5b-instruct", "nobody"),
        ("openai:gpt-5.6-terra", "visitor"),
        ("openai:gpt-6-luna", "visitor"),
    ]
    assert len({offer.label for offer in found}) == len(found)
    assert found[2].note == (
        "Qwen2.5-0.5B answers on the page's own machine; a question is sent nowhere else "
        "and costs nothing."
    )
    assert found[3].note == (
        "gpt-5.6-terra at OpenAI answers: a question and the key that you type go to "
        "https://api.openai.com/v1 alone, and you pay ($2 in, $12 out per million tokens)."
    )
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("address", "day", "gone"),
    [
        ("https://api.openai.com/v1", date(2026, 10, 22), False),
        ("https://api.openai.com/v1", date(2026, 10, 23), True),
        ("http://localhost:8000/v1", date(2026, 10, 23), False),
    ],
)
def test_a_default_model_is_left_out_once_its_provider_has_shut_it_down(
    address: str, day: date, gone: bool
) -> None:
    models = settings.api_models(address, day)
    assert ("gpt-3.5-turbo" not in models) == gone
    assert models[-2:] == settings.DEFAULT_API_MODELS[1:]


def test_a_retired_model_that_the_operator_names_is_offered_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PROMPT_OIRL_API_MODELS", "gpt-3.5-turbo")
    assert _offer("openai:gpt-3.5-turbo").note == (
        "gpt-3.5-turbo is asked at OpenAI, which lists it as shut down on 2026-10-23 and may "
        "refuse: a question and the key that you type go to https://api.openai.com/v1 alone, and "
        "you pay ($0.5 in, $1.5 out per million tokens)."
    )


def test_with_a_key_of_the_operator_s_the_operator_pays_within_limits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", OPERATORS)
    monkeypatch.setenv("PROMPT_OIRL_SESSION_CALLS", "8")
    offer = _offer("openai:gpt-6-luna")
    assert offer.payer == "operator"
    assert "the operator pays for up to 8 calls and $0.05 a session" in offer.note
    assert OPERATORS not in repr(offers())


def test_a_server_of_the_operator_s_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:8000/v1")
    monkeypatch.setenv("PROMPT_OIRL_API_MODELS", "me/mine:7b, other ,me/mine:7b,")
    mine, other = offers()[3:]
    assert (mine.name, mine.payer) == ("openai:me/mine:7b", "operator")
    assert other.label == "other"
    assert "http://localhost:8000/v1 alone, and up to 64 calls a session are free" in mine.note


@pytest.mark.parametrize("sign", ["driver", "program", "lent"])
def test_models_for_a_gpu_are_offered_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sign: str
) -> None:
    if sign == "driver":
        (tmp_path / "driver").mkdir()
    elif sign == "program":
        (tmp_path / "nvidia-smi").touch(0o755)
    else:
        monkeypatch.setattr(gpus, "is_lent", lambda: True)
        monkeypatch.setitem(sys.modules, "core.llms.local.zero_gpu", gpus)
    monkeypatch.setenv("PROMPT_OIRL_HF_MODELS", "meta-llama/Llama-2-7b-chat-hf,/models/my-llm")
    llama, mine = offers()[2:4]
    assert (llama.name, llama.label) == (
        "hf:meta-llama/Llama-2-7b-chat-hf",
        "LLaMA2-7B-chat, 4 bits",
    )
    assert (mine.name, mine.label) == ("hf:/models/my-llm", "my-llm, 4 bits")
    assert {llama.payer, mine.payer} == {"operator"}
    assert "/models" not in mine.note
    assert (llama.id, mine.id) == ("hf:meta-llama/Llama-2-7b-chat-hf", "hf:my-llm")


def test_no_path_of_a_folder_is_in_what_a_page_shows_and_no_two_offers_are_called_alike(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "driver").mkdir()
    monkeypatch.chdir(tmp_path)
    folders = "/srv/one/tiny,/srv/two/tiny/,/srv/tiny (2),./near,me/tiny,~/mine"
    monkeypatch.setenv("PROMPT_OIRL_HF_MODELS", folders)
    found = offers()
    assert [offer.id for offer in found if offer.id.startswith("hf:")] == [
        "hf:tiny",
        "hf:tiny (2)",
        "hf:tiny (2) (2)",
        "hf:near",
        "hf:me/tiny",
        "hf:mine",
    ]
    assert len({offer.id for offer in found}) == len({offer.label for offer in found}) == len(found)
    assert "/srv" not in "".join(offer.id + offer.label + offer.note for offer in found)
    assert [offer.name for offer in found[2:4]] == ["hf:/srv/one/tiny", "hf:/srv/two/tiny/"]


def test_a_space_without_the_package_is_lent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setattr(gpus, "find_spec", lambda name: None)
    assert not gpus.is_there()
    monkeypatch.setattr(gpus, "find_spec", lambda name: name)
    assert gpus.is_lent()
    monkeypatch.setenv("SPACES_ZERO_GPU", "false")
    assert not gpus.is_there()


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("PROMPT_OIRL_API_MODELS", "gpt 4", "names such as gpt-3.5-turbo"),
        ("PROMPT_OIRL_API_MODELS", "openai:gpt-4o", "without `openai:`"),
        ("PROMPT_OIRL_HF_MODELS", "llama", "OWNER/NAME"),
        ("PROMPT_OIRL_HF_MODELS", "hf:a/b", "without `hf:`"),
        ("PROMPT_OIRL_SESSION_CALLS", "many", "whole number from 0"),
        ("PROMPT_OIRL_SESSION_CALLS", "-1", "whole number from 0"),
        ("PROMPT_OIRL_DAY_CALLS", "1.5", "whole number from 0"),
        ("PROMPT_OIRL_DAY_CALLS", "9999999999", "1,000,000,000"),
        ("PROMPT_OIRL_SESSION_DOLLARS", "$1", "such as 0.05"),
        ("PROMPT_OIRL_SESSION_DOLLARS", "nan", "such as 0.05"),
        ("PROMPT_OIRL_DAY_DOLLARS", "inf", "such as 0.05"),
        ("PROMPT_OIRL_DAY_DOLLARS", "-0.1", "from 0 (none)"),
    ],
)
def test_a_setting_that_is_none_is_named_at_the_start(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(DataError) as caught:
        offers()
    assert str(caught.value).startswith(f"{variable} is {value!r}; allowed: ")
    assert allowed in str(caught.value)


def test_a_key_or_an_address_that_cannot_be_one_is_said_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-with blank")
    with pytest.raises(LLMError, match="in OPENAI_API_KEY has blanks"):
        offers()
    monkeypatch.setenv("OPENAI_BASE_URL", "localhost:8000")
    with pytest.raises(DataError, match="OPENAI_BASE_URL"):
        offers()


def test_counters_that_cannot_be_kept_are_said_at_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file")
    offers()
    monkeypatch.setenv("OPENAI_API_KEY", OPERATORS)
    with pytest.raises(DataError, match="PROMPT_OIRL_STATE"):
        offers()


def test_what_is_kept_lies_where_the_operator_says_else_on_the_disk_of_a_space(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert settings.state_folder() == tmp_path / "state"
    monkeypatch.delenv("PROMPT_OIRL_STATE")
    monkeypatch.setattr(settings, "_SPACE_DISK", tmp_path)
    at_home = settings.state_folder()
    assert at_home.name == "prompt-oirl"
    assert tmp_path not in at_home.parents
    monkeypatch.setenv("SPACE_ID", "me/demo")
    assert settings.state_folder() == tmp_path / "prompt-oirl"
    monkeypatch.setattr(settings, "_SPACE_DISK", tmp_path / "nowhere")
    assert settings.state_folder() == at_home


def test_what_costs_nobody_is_not_metered_and_a_key_not_looked_at(tmp_path: Path) -> None:
    offer = _offer("recorded:gsm8k")
    assert open_llm(offer, key=VISITORS, session="a") is llms.get("recorded:gsm8k")
    assert not (tmp_path / "state").exists()


def test_dollars_of_recorded_answers_are_said_to_be_a_list_price_that_nobody_pays() -> None:
    offer = _offer("recorded:gsm8k")
    price = price_of_offer(offer)
    assert price is not None
    assert price.provider == "together"
    assert "nothing is paid" in offer.note
    assert f"what the same calls cost at Together AI's list price of {price.day}." in offer.note


def test_the_operator_s_key_pays_within_the_session(
    openai_at: Callable[..., FakeOpenAI], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = openai_at()
    monkeypatch.setenv("OPENAI_API_KEY", OPERATORS)
    monkeypatch.setenv("PROMPT_OIRL_SESSION_CALLS", "3")
    offer = _offer(f"openai:{PRICED}")
    open_llm(offer, key=" ", session="a").complete(["one", "two"])
    with pytest.raises(SpendingLimit, match="1 of the 3 calls of this session"):
        open_llm(offer, key="", session="a").complete(["three", "four"])
    open_llm(offer, key="", session="b").complete(["three"])
    assert [asked.authorization for asked in server.asked] == [f"Bearer {OPERATORS}"] * 3


def test_listed_prices_bound_the_dollars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", OPERATORS)
    llm = open_llm(_offer("openai:gpt-5.6-terra"), key="", session="a")
    with pytest.raises(SpendingLimit, match=r"16 calls and up to \$0\.1.*\$0\.0500 of the \$0\.05"):
        llm.complete(["How many?"] * 16)


def test_a_visitor_s_key_pays_without_limit_and_without_the_operator_s(
    openai_at: Callable[..., FakeOpenAI], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = openai_at()
    monkeypatch.setenv("OPENAI_API_KEY", OPERATORS)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"authorization: Bearer {OPERATORS}")
    monkeypatch.setenv("PROMPT_OIRL_SESSION_CALLS", "0")
    llm = open_llm(_offer(f"openai:{PRICED}"), key=f" {VISITORS}\n", session="a")
    llm.complete(["one", "two"])
    assert [asked.authorization for asked in server.asked] == [f"Bearer {VISITORS}"] * 2
    assert left(Spending.from_settings(), "a").day_calls == 2000


def test_any_key_for_a_server_of_the_operator_s_own_opens_no_endless_use(
    fake_server: Callable[..., FakeOpenAI], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = fake_server()
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("PROMPT_OIRL_SESSION_CALLS", "2")
    offer = _offer(f"openai:{PRICED}")
    open_llm(offer, key="anything", session="a").complete(["one"])
    open_llm(offer, key="", session="a").complete(["two"])
    with pytest.raises(SpendingLimit):
        open_llm(offer, key="something-else", session="a").complete(["three"])
    assert [asked.authorization for asked in server.asked] == ["Bearer anything", "Bearer none"]


def test_without_a_key_a_visitor_is_told_to_type_one(monkeypatch: pytest.MonkeyPatch) -> None:
    offer = _offer(f"openai:{PRICED}")
    # Even a key that turns up later is not spent on an offer that is the visitor's to pay.
    monkeypatch.setenv("OPENAI_API_KEY", OPERATORS)
    with pytest.raises(LLMError, match="needs an API key of your own"):
        open_llm(offer, key="", session="a")


@pytest.mark.parametrize("key", ["sk-visitor with blanks", "sk-visité"])
def test_a_typed_key_that_cannot_be_one_is_not_repeated(key: str) -> None:
    with pytest.raises(LLMError, match="Your API key has blanks") as caught:
        open_llm(_offer(f"openai:{PRICED}"), key=key, session="a")
    assert key not in "".join(traceback.format_exception(caught.value))


OPERATORS_AFFAIR = [
    error(401, f"Incorrect API key provided: {OPERATORS}"),
    error(402, "Pay"),
    error(403, "Project has no access"),
    error(404, "The model `m` does not exist", code="model_not_found"),
    raw("<html>a proxy</html>", "text/html"),
]


@pytest.mark.parametrize("reply", OPERATORS_AFFAIR)
def test_what_only_the_operator_can_mend_is_in_the_log_and_not_on_the_page(
    openai_at: Callable[..., FakeOpenAI],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    reply: Reply,
) -> None:
    openai_at(lambda asked: reply)
    monkeypatch.setenv("OPENAI_API_KEY", OPERATORS)
    monkeypatch.setattr("core.llms.openai.batch.back_off_s", lambda state: 0.0)
    llm = open_llm(_offer(f"openai:{PRICED}"), key="", session="a")
    failures = llm.complete(["one", "two"])
    assert {failure.message for failure in failures} == {
        f"“{PRICED}” cannot be asked at the moment; choose another LLM."
    }
    said = [
        record.getMessage() for record in caplog.records if record.name == "core.hosting.wording"
    ]
    assert len(said) == 1
    assert failures[0].kind in said[0]
    assert OPERATORS not in caplog.text


def test_an_address_where_nobody_answers_is_not_named_to_visitors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setattr("core.llms.openai.batch.back_off_s", lambda state: 0.0)
    [failure] = open_llm(_offer(f"openai:{PRICED}"), key="", session="a").complete(["one"])
    assert failure.kind == "no connection"
    assert failure.message == f"“{PRICED}” cannot be asked at the moment; choose another LLM."


def test_a_model_that_is_gone_is_said_to_be_gone(
    openai_at: Callable[..., FakeOpenAI], monkeypatch: pytest.MonkeyPatch
) -> None:
    openai_at(lambda asked: error(404, "The model `m` has been deprecated"))
    monkeypatch.setenv("OPENAI_API_KEY", OPERATORS)
    [failure] = open_llm(_offer(f"openai:{PRICED}"), key="", session="a").complete(["one"])
    assert failure.message == f"“{PRICED}” was shut down by its provider; choose another LLM."


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (error(401, "no"), "check your API key"),
        (error(402, "Pay"), "The account of your API key"),
        (error(404, "The model `m` does not exist", code="model_not_found"), "cannot be asked"),
        (error(429, "Slow down"), "Wait a minute"),
    ],
)
def test_a_visitor_reads_of_their_own_key_and_of_no_setting(
    openai_at: Callable[..., FakeOpenAI],
    monkeypatch: pytest.MonkeyPatch,
    reply: Reply,
    says: str,
) -> None:
    openai_at(lambda asked: reply)
    monkeypatch.setattr("core.llms.openai.batch.back_off_s", lambda state: 0.0)
    [failure] = open_llm(_offer(f"openai:{PRICED}"), key=VISITORS, session="a").complete(["q"])
    assert says in failure.message
    assert "OPENAI" not in failure.message


def test_a_missing_model_folder_is_not_named_to_visitors(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "driver").mkdir()
    monkeypatch.setenv("PROMPT_OIRL_HF_MODELS", str(tmp_path / "my-llm"))
    with pytest.raises(LLMError) as caught:
        open_llm(offers()[2], key="", session="a")
    assert (
        str(caught.value) == "“my-llm, 4 bits” cannot be asked at the moment; choose another LLM."
    )
    assert str(tmp_path / "my-llm") in caplog.text


ECHOES = [
    lambda asked: error(401, f"Incorrect API key provided: {VISITORS[:11]}****{VISITORS[-4:]}"),
    lambda asked: error(400, f"{VISITORS} may not do this"),
    lambda asked: error(500, f"Authorization: Bearer {VISITORS}"),
    lambda asked: stream(["1", "8"]),
]


@pytest.mark.parametrize("answer", ECHOES)
def test_a_visitor_s_key_is_in_no_log_error_cache_file_or_environment(
    openai_at: Callable[..., FakeOpenAI],
    answer: Callable[[Asked], Reply],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx2", "httpcore2", "asyncio"):
        caplog.set_level(logging.DEBUG, name)
    server = openai_at(answer)
    monkeypatch.setenv("OPENAI_API_KEY", OPERATORS)
    monkeypatch.setattr("core.llms.openai.batch.back_off_s", lambda state: 0.0)
    offer = _offer(f"openai:{PRICED}")
    told: list[object] = []

    def hook(attempt: Attempt) -> None:
        told.append(attempt)

    llm = open_llm(offer, key=VISITORS, session="a")
    [result] = llm.complete(["q"], Control(hook, lambda *piece: told.append(piece)))
    assert server.asked[0].authorization == f"Bearer {VISITORS}"
    told += [repr(llm), repr(vars(llm)), repr(result), repr(offer), dict(os.environ)]
    if isinstance(result, Failure):
        told.append("".join(traceback.format_exception(LLMError(result))))

    def fail(attempt: Attempt) -> None:
        raise PromptOIRLError("A hook fails.")

    with pytest.raises(PromptOIRLError) as caught:
        llm.complete(["q"], Control(fail))
    told.append("".join(traceback.format_exception(caught.value)))
    everything = f"{caplog.text} {told}".encode()
    everything += b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert any(record.name == "openai._base_client" for record in caplog.records)
    assert VISITORS[:10].encode() not in everything
    assert VISITORS[-4:].encode() not in everything


def test_nobody_else_holds_a_visitor_s_llm(openai_at: Callable[..., FakeOpenAI]) -> None:
    openai_at()
    llm = open_llm(_offer(f"openai:{PRICED}"), key=VISITORS, session="a")
    llm.complete(["q"])
    held = weakref.ref(llm)
    del llm
    gc.collect()
    assert held() is None


def test_two_visitors_at_once_pay_each_for_themselves(
    openai_at: Callable[..., FakeOpenAI],
) -> None:
    server = openai_at()
    offer = _offer(f"openai:{PRICED}")
    first, second = (open_llm(offer, key=f"sk-visitor-{name}", session=name) for name in "ab")
    for llm in (first, second, first):
        llm.complete(["q"])
    shown = [asked.authorization[-1] for asked in server.asked]
    assert shown == ["a", "b", "a"]


def test_the_operator_chooses_gguf_files_and_visitors_see_no_path(
    monkeypatch: pytest.MonkeyPatch, embedded_gguf: Path, tmp_path: Path
) -> None:
    missing = tmp_path / "secret" / "lost.gguf"
    monkeypatch.setenv("PROMPT_OIRL_GGUF", f"llama2-7b-chat, {embedded_gguf}, {missing}")
    monkeypatch.setenv("PROMPT_OIRL_HOURLY_PRICE", "0.03")
    known, mine, lost = [offer for offer in offers() if offer.name.startswith("gguf:")]
    assert (known.id, known.label) == ("gguf:llama2-7b-chat", "LLaMA2-7B-chat, GGUF")
    assert (mine.id, mine.label) == ("gguf:embedded.gguf", "embedded, GGUF")
    assert "costs its seconds at $0.03 an hour of this machine" in mine.note
    llm = open_llm(mine, key="", session="a")
    assert isinstance(llm.complete(["How many?"])[0], Completion)
    with pytest.raises(LLMError, match=r"“lost, GGUF” cannot be asked") as error:
        open_llm(lost, key="", session="a")
    assert "secret" not in str(error.value)


def test_a_space_offers_the_gguf_files_that_its_operator_set_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SPACE_ID", "me/space")
    assert settings.gguf_models() == ()
    monkeypatch.setenv("PROMPT_OIRL_GGUF", "qwen2.5-1.5b-instruct")
    assert settings.gguf_models() == ("qwen2.5-1.5b-instruct",)


@pytest.mark.parametrize("name", ["qwen", "gguf:llama2-7b-chat", "me/mine"])
def test_a_gguf_setting_that_is_no_name_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMPT_OIRL_GGUF", name)
    with pytest.raises(DataError, match=r"PROMPT_OIRL_GGUF is '.*qwen2\.5-0\.5b-instruct"):
        offers()
