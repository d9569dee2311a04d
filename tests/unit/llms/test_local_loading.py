"""Loading local LLMs: folders, the Hub, 4 bits, and what is said when something is missing."""

import json
import shutil
import sys
from pathlib import Path

import pytest
import torch
from fake_hub import FakeHub
from tiny_llama import make_tokenizer

from core import llms
from core.llms import LLMError, Sampling
from core.llms.local import checks, hub
from core.llms.local.llm import LocalLLM, load_4bit
from core.llms.local.load import load, sixteen_bits

GREEDY = Sampling(temperature=0, max_tokens=8)


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    """A copy of the tiny LLaMA's folder to be changed."""
    return shutil.copytree(tiny, tmp_path / "copy")


@pytest.fixture
def _no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def _load_cpu(source: str | Path) -> LocalLLM:
    return LocalLLM.load(source, GREEDY, quantised=True, device="cpu")


def test_four_bits_are_nf4_with_double_quantisation_and_answer(tiny: Path) -> None:
    from bitsandbytes.nn import Linear4bit

    llm = _load_cpu(tiny)
    linear = [
        module
        for module in load(tiny, "tiny", quantised=True, device="cpu").model.modules()
        if isinstance(module, Linear4bit)
    ]
    assert len(linear) == 2 * 7
    for module in linear:
        state = module.weight.quant_state
        assert (state.quant_type, state.nested) == ("nf4", True)
        assert module.weight.dtype == torch.uint8
        assert module.compute_dtype == torch.bfloat16
    [answer] = llm.complete(["How many are left?"])
    assert answer.usage.completion_tokens == 8
    assert answer.text


@pytest.mark.usefixtures("_no_gpu")
def test_a_small_folder_is_asked_by_its_name_without_a_gpu(tiny: Path) -> None:
    llm = llms.get(f"hf:{tiny}", GREEDY)
    assert (llm.name, llm.model, llm.base_url) == (f"hf:{tiny}", str(tiny.resolve()), None)
    assert llm.complete(["How many?"])[0].usage.completion_tokens == 8


@pytest.mark.usefixtures("_no_gpu")
def test_a_large_folder_needs_a_gpu(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.llms.local.llm.CPU_LIMIT", 1000)
    with pytest.raises(LLMError, match=r"NVIDIA GPU.*embedded.*recorded:gsm8k.*openai:"):
        load_4bit(str(tiny), GREEDY)


@pytest.mark.usefixtures("_no_gpu")
@pytest.mark.parametrize(
    ("model", "size"),
    [
        ("meta-llama/Llama-2-7b-chat-hf", "about 5 GiB"),
        ("TigerResearch/tigerbot-13b-chat", "about 9 GiB"),
        ("someone/else", "about 0.7 GiB of free memory per billion"),
    ],
)
def test_a_hub_model_without_a_gpu_is_refused_before_the_hub_is_asked(
    model: str, size: str, fake_hub: FakeHub, tiny: Path
) -> None:
    fake_hub.repos[model] = tiny
    with pytest.raises(LLMError, match=f"NVIDIA GPU with {size}.*`embedded`"):
        load_4bit(model, GREEDY)
    assert fake_hub.sent == []


def test_too_little_gpu_memory_is_said_before_the_weights_are_downloaded(
    fake_hub: FakeHub, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_hub.repos["some/model"] = tiny
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (2**29, 2**33))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "NVIDIA Example")
    with pytest.raises(LLMError, match=r"1\.0 GiB.*0\.5 of 8\.0 GiB.*NVIDIA Example") as raised:
        load_4bit("some/model", GREEDY)
    assert raised.value.kind == "out of memory"
    assert "model.safetensors" not in fake_hub.sent


def test_the_size_in_four_bits_is_that_of_the_loaded_weights(tiny: Path) -> None:
    estimate = checks.gpu_bytes(checks.inspect_folder(tiny, "tiny"), quantised=True)
    model = load(tiny, "tiny", quantised=True, device="cpu").model
    assert estimate == pytest.approx(model.get_memory_footprint(), rel=0.05)


def test_a_hub_model_is_downloaded_once_then_found_without_the_hub(
    fake_hub: FakeHub, tiny: Path
) -> None:
    fake_hub.repos["some/model"] = tiny
    first = _load_cpu("some/model")
    assert first.name == "hf:some/model"
    assert fake_hub.sent.count("model.safetensors") == 1
    fake_hub.sent.clear()
    fake_hub.repos.clear()
    second = _load_cpu("some/model")
    assert fake_hub.sent == []
    assert first.complete(["Hi"])[0].text == second.complete(["Hi"])[0].text


@pytest.mark.parametrize(("token", "advice"), [("", "HF_TOKEN"), ("hf_secret", "may not download")])
def test_a_gated_model_says_how_to_get_access(
    token: str,
    advice: str,
    fake_hub: FakeHub,
    tiny: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from huggingface_hub import constants

    monkeypatch.setenv("HF_TOKEN", token)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", "/nowhere")
    fake_hub.repos["meta-llama/Llama-2-7b-chat-hf"] = tiny
    fake_hub.gated.add("meta-llama/Llama-2-7b-chat-hf")
    with pytest.raises(LLMError, match=advice) as raised:
        _load_cpu("meta-llama/Llama-2-7b-chat-hf")
    assert "https://huggingface.co/meta-llama/Llama-2-7b-chat-hf" in str(raised.value)
    assert "hf_secret" not in str(raised.value)
    assert raised.value.kind == "bad key"


def test_an_unknown_model_is_said_to_be_unknown(fake_hub: FakeHub) -> None:
    with pytest.raises(LLMError, match="shows no model 'some/typo'") as raised:
        _load_cpu("some/typo")
    assert raised.value.kind == "not found"


def test_a_wrong_token_is_named_as_such_but_not_shown(fake_hub: FakeHub, tiny: Path) -> None:
    fake_hub.repos["some/model"] = tiny
    fake_hub.invalid_token = True
    with pytest.raises(LLMError, match=r"answered 401.*HF_TOKEN") as raised:
        _load_cpu("some/model")
    assert "hf_secret" not in str(raised.value)


def test_a_name_that_is_neither_folder_nor_model_is_refused() -> None:
    with pytest.raises(LLMError, match="neither a folder on this machine nor a model name"):
        _load_cpu("not/a/model")


def test_without_the_hub_the_connection_is_named_at_once(
    fake_hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(LLMError, match="Hub cannot be reached") as raised:
        _load_cpu("some/model")
    assert raised.value.kind == "no connection"


def test_pickled_weights_are_not_loaded(fake_hub: FakeHub, copy: Path) -> None:
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    fake_hub.repos["TigerResearch/tigerbot-13b-chat"] = copy
    with pytest.raises(LLMError, match=r"can run any code.*tigerbot-13b-chat-v6"):
        _load_cpu("TigerResearch/tigerbot-13b-chat")
    with pytest.raises(LLMError, match="can run any code"):
        _load_cpu(copy)
    assert "pytorch_model.bin" not in fake_hub.sent


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(LLMError, match=f"no folder {tmp_path}/typo"):
        load_4bit(f"{tmp_path}/typo", GREEDY)


def test_a_folder_without_a_config_is_no_model(copy: Path) -> None:
    (copy / "config.json").unlink()
    with pytest.raises(LLMError, match=r"has no config\.json"):
        _load_cpu(copy)


def test_weights_cut_off_are_refused(copy: Path) -> None:
    file = copy / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(LLMError, match="cannot be loaded") as raised:
        _load_cpu(copy)
    assert raised.value.kind == "malformed"


def test_weights_that_lack_a_part_are_refused(copy: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(copy / "model.safetensors")
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(LLMError, match=r"not complete.*up_proj"):
        _load_cpu(copy)


def test_a_missing_shard_is_named(copy: Path) -> None:
    (copy / "model.safetensors").unlink()
    index = {"metadata": {}, "weight_map": {"lm_head.weight": "model-00001-of-00002.safetensors"}}
    (copy / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(LLMError, match=r"model-00001-of-00002\.safetensors is missing"):
        _load_cpu(copy)


def test_quantised_weights_are_refused(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "gptq", "bits": 4}
    (copy / "config.json").write_text(json.dumps(config))
    with pytest.raises(LLMError, match="quantised already"):
        _load_cpu(copy)


def test_a_model_without_a_chat_template_is_refused(copy: Path) -> None:
    (copy / "chat_template.jinja").unlink()
    with pytest.raises(LLMError, match="no chat template"):
        _load_cpu(copy)


def test_a_chat_template_that_takes_no_question_is_refused_before_the_weights(copy: Path) -> None:
    make_tokenizer(copy, "{{ raise_exception('A system message is needed.') }}")
    (copy / "model.safetensors").write_bytes((copy / "model.safetensors").read_bytes()[:-8])
    with pytest.raises(LLMError, match="no question of a user by itself: A system message"):
        _load_cpu(copy)


def test_a_model_that_does_not_say_how_long_texts_may_be_is_refused(copy: Path) -> None:
    from transformers import BloomConfig

    BloomConfig(hidden_size=32, n_layer=1, n_head=2).save_pretrained(copy)
    with pytest.raises(LLMError, match="max_position_embeddings"):
        _load_cpu(copy)


def test_a_config_with_a_senseless_value_is_refused_with_it(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text("utf-8"))
    config["max_position_embeddings"] = "many"
    (copy / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(LLMError, match="many"):
        _load_cpu(copy)


def test_the_language_part_of_a_model_that_sees_says_how_long_texts_may_be(copy: Path) -> None:
    from transformers import AutoTokenizer, Gemma3Config, Gemma3ForConditionalGeneration

    shape = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 16}
    size = len(AutoTokenizer.from_pretrained(copy))
    config = Gemma3Config(
        text_config={**shape, **heads, "vocab_size": size, "max_position_embeddings": 77},
        vision_config={**shape, "num_attention_heads": 2, "image_size": 28, "patch_size": 14},
        mm_tokens_per_image=1,
        image_token_index=3,
    )
    Gemma3ForConditionalGeneration(config).save_pretrained(copy)
    llm = LocalLLM.load(copy, GREEDY, quantised=False, device="cpu")
    [answer] = llm.complete(["How many are left?"])
    assert answer.usage.completion_tokens == 8
    [long] = llm.complete(["left " * 200])
    assert "77" in long.message


def test_a_gpu_that_only_emulates_bfloat16_computes_in_float16(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for native, dtype in ((True, torch.bfloat16), (False, torch.float16)):
        monkeypatch.setattr(
            torch.cuda, "is_bf16_supported", lambda including_emulation, native=native: native
        )
        assert sixteen_bits("cuda") == dtype
    assert sixteen_bits("cpu") == torch.bfloat16


@pytest.mark.parametrize(
    "template", [None, "{{ '\\n\\n### Instruction:\\n' + messages[0]['content'] }}"]
)
def test_tigerbots_tokenizer_stands_for_its_prompt_format(template: str | None, copy: Path) -> None:
    from transformers import AutoTokenizer

    (copy / "chat_template.jinja").unlink()
    make_tokenizer(copy, template)
    tokenizer = AutoTokenizer.from_pretrained(copy)
    tokenizer.add_special_tokens(
        {
            "additional_special_tokens": [
                "\n\n### Instruction:\n",
                "\n\n### Response:\n",
            ]
        }
    )
    tokenizer.save_pretrained(copy)
    weights = load(copy, "tigerbot", quantised=False, device="cpu")
    tokens = weights.encode("How many?")
    instruction, response = tokenizer.convert_tokens_to_ids(
        ["\n\n### Instruction:\n", "\n\n### Response:\n"]
    )
    assert tokens[:2] == [tokenizer.bos_token_id, instruction]
    assert tokens[-1] == response
    assert weights.decode(tokens[2:-1]).strip() == "How many?"


@pytest.mark.parametrize("package", ["torch", "transformers", "bitsandbytes"])
def test_a_missing_package_is_named(
    package: str, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(LLMError, match=f"need {package}.*pip install -r requirements.txt"):
        load_4bit(str(tiny), GREEDY)


def test_two_llms_of_one_folder_share_its_weights(tiny: Path) -> None:
    first, second = (
        load(tiny, "tiny", quantised=False, device="cpu"),
        load(tiny / ".", "tiny", quantised=False, device="cpu"),
    )
    assert first is second


def test_looking_for_the_module_loads_neither_torch_nor_transformers() -> None:
    import subprocess

    code = (
        "import sys, core.llms, core.llms.local.llm, core.llms.gguf.llm; "
        "print({'torch', 'transformers', 'huggingface_hub', 'xllamacpp'} & set(sys.modules))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.strip() == "set()"


def test_the_cache_is_used_only_when_it_is_complete(fake_hub: FakeHub, tiny: Path) -> None:
    from huggingface_hub import hf_hub_download

    fake_hub.repos["some/model"] = tiny
    hf_hub_download("some/model", "config.json")
    folder = hub.fetch("some/model", lambda sizes: None)
    assert (folder / "model.safetensors").is_file()
