"""Loading weights and tokenizer of a local LLM from a folder, once for all who use them."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from jinja2 import TemplateError
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging as transformers_logging

from core.llms.local.checks import (
    incomplete,
    inspect_folder,
    refusal,
    require_gpu_memory,
    unloadable,
)
from core.llms.local.loaded_once import Shared
from core.llms.local.transformers_model import Weights

_TIGERBOT_TOKENS = ("\n\n### Instruction:\n", "\n\n### Response:\n")
_TIGERBOT_TEMPLATE = (
    r"{{ bos_token + '\n\n### Instruction:\n' + messages[0]['content']"
    r" + '\n\n### Response:\n' }}"
)
"""TigerBot's tokenizers have tokens of their own for this frame, which is that of `infer.py` in
https://github.com/TigerResearch/TigerBot. Some have no chat template, and those of later versions
leave out the start of the answer."""


_UNSOUND = (OSError, ValueError, KeyError, RuntimeError, SafetensorError, StrictDataclassError)
"""What is raised for files that are damaged or do not go together."""
_shared: Shared[Weights] = Shared()


def load(folder: Path, name: str, *, quantised: bool, device: str) -> Weights:
    """Load a model, or return it when it is still loaded for another LLM.

    Args:
        folder: In the layout of the Hugging Face Hub, with safetensors weights.
        name: As the user knows the model, for messages.
        quantised: Linear layers in 4 bits (NF4, double quantisation; Dettmers et al. 2023) that
            compute in 16 bits; otherwise everything in 16 bits, or float32 on a processor.
        device: ``cpu`` or ``cuda``.

    Raises:
        LLMError: the folder is incomplete or damaged, the model has no chat template that works or
            does not say how long its texts may be, or it does not fit into the GPU's memory.
    """
    key = (folder.resolve(), quantised, device)
    return _shared.get(key, lambda: _load(folder, name, quantised, device))


def _load(folder: Path, name: str, quantised: bool, device: str) -> Weights:
    sizes = inspect_folder(folder, name)
    if device == "cuda":
        require_gpu_memory(name, sizes, quantised=quantised)
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        _ensure_chat_template(tokenizer, name)
        context = _context(folder, name)
        with _quiet_bar(not quantised):
            model = _load_model(folder, name, quantised, device)
    except torch.OutOfMemoryError:
        raise refusal(
            "out of memory",
            f"The GPU ran out of memory while {name} was loaded. Close what else uses the GPU, or "
            "choose a smaller model.",
        ) from None
    except _UNSOUND as error:
        raise unloadable(name, folder, error) from error
    ends = _end_tokens(model, tokenizer)
    # What the model's authors prefer (temperature, repetition penalty) must not mix with Sampling.
    model.generation_config = GenerationConfig()
    padding = tokenizer.pad_token_id
    if padding is None:
        padding = next(iter(ends), 0)
    return Weights(model, tokenizer, ends, padding, context)


def _load_model(folder: Path, name: str, quantised: bool, device: str) -> PreTrainedModel:
    dtype = sixteen_bits(device) if quantised or device == "cuda" else torch.float32
    options: dict[str, Any] = {}
    if quantised:
        options["quantization_config"] = _four_bits(dtype)
    if quantised or device == "cuda":
        # Straight to where it computes; the import behind it would slow the embedded LLM's start.
        options["device_map"] = {"": device}
    # Its types do not know that it returns a report as well when it is asked for one.
    loaded: Any = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=dtype,
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,
        output_loading_info=True,
        **options,
    )
    model, report = loaded
    if report["missing_keys"]:
        raise incomplete(name, report["missing_keys"])
    return model.eval().requires_grad_(False)


@contextmanager
def _quiet_bar(quiet: bool) -> Iterator[None]:
    """Show no progress bar where there is nothing to wait for."""
    shown = transformers_logging.is_progress_bar_enabled()
    if quiet:
        transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            transformers_logging.enable_progress_bar()


def sixteen_bits(device: str) -> torch.dtype:
    """The number format to compute in; older GPUs, such as the T4, only emulate bfloat16."""
    emulated = device == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.float16 if emulated else torch.bfloat16


def _four_bits(dtype: torch.dtype) -> Any:
    from transformers import BitsAndBytesConfig

    # It warns, on machines with a GPU too, that a faster kernel for processors is not installed.
    logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )


def _ensure_chat_template(tokenizer: PreTrainedTokenizerBase, name: str) -> None:
    if set(_TIGERBOT_TOKENS) <= tokenizer.get_added_vocab().keys():
        tokenizer.chat_template = _TIGERBOT_TEMPLATE
    if tokenizer.chat_template is None:
        raise refusal(
            "bad request",
            f"{name} has no chat template, so it is not known how to put a question to it. Choose "
            "a chat or instruct model, or add a chat_template.jinja to its folder.",
        )
    try:
        tokenizer.apply_chat_template(
            [{"role": "user", "content": "How many is 1 + 1?"}],
            tokenize=False,
            add_generation_prompt=True,
        )
    except (TemplateError, TypeError, ValueError, KeyError) as error:
        raise refusal(
            "bad request",
            f"The chat template of {name} takes no question of a user by itself: {error}. Choose "
            "another model, or mend the chat_template.jinja in its folder.",
        ) from error


def _context(folder: Path, name: str) -> int:
    """Most tokens of question and answer; of a model that sees too, those of its language part."""
    config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    length = getattr(config.get_text_config(), "max_position_embeddings", None)
    if type(length) is not int or length < 1:
        raise refusal(
            "malformed",
            f"config.json of {name} does not say how many tokens a text may have. Add "
            '"max_position_embeddings" to it, with the length that its authors give.',
        )
    return length


def _end_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    stored = model.generation_config.eos_token_id
    stored = stored if isinstance(stored, list) else [stored]
    return frozenset(token for token in [*stored, tokenizer.eos_token_id] if token is not None)
