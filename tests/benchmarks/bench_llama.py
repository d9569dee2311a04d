"""How fast and how large a LLaMA2-7B is in 4 bits, next to the same model in bfloat16.

    python tests/benchmarks/bench_llama.py            on an NVIDIA GPU with 20 GiB, 14 GB of disk
    python tests/benchmarks/bench_llama.py --tiny     a tiny model on the processor, in seconds

The weights are random, because time and memory do not depend on them, and nothing is downloaded.
They are written to disk a layer at a time and loaded as any folder is. The model has no end token,
so that every answer has the same length.
"""

import argparse
import gc
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit"))

from tiny_llama import make_tokenizer

from core.llms import Completion, Sampling
from core.llms.local import load as weights
from core.llms.local.checks import stored_bytes
from core.llms.local.llm import LocalLLM

GIB = 2**30
BATCH = 16
ANSWER = 128
TINY_ANSWER = 8
LLAMA2_7B = LlamaConfig(max_position_embeddings=4096, eos_token_id=None)
"""All other defaults of transformers are LLaMA-7B's shape."""
TINY = LlamaConfig(
    hidden_size=64,
    intermediate_size=128,
    num_hidden_layers=2,
    num_attention_heads=4,
    vocab_size=1000,
    eos_token_id=None,
)
QUESTION = (
    "Mia has 12 stickers and gives 5 to her brother. Olga has 12 nuts and shares them among 4 "
    "friends. How many stickers and nuts are left? Let's think step by step. Question"
)


@dataclass(frozen=True)
class Result:
    """One way to load the model; memory in GiB, ``peak`` None on a processor."""

    load_seconds: float
    weights: float
    peak: float | None
    single: float
    batch: float


def write_model(folder: Path, config: LlamaConfig, device: str) -> None:
    """Write random weights, one file per layer, so that only one layer is ever in memory."""
    with torch.device("meta"):
        shapes = {name: one.shape for name, one in LlamaForCausalLM(config).state_dict().items()}
    shards: defaultdict[str, list[str]] = defaultdict(list)
    for name in shapes:
        parts = name.split(".")
        shards[parts[2] if parts[1] == "layers" else "rest"].append(name)
    generator = torch.Generator(device).manual_seed(0)
    weight_map = {}
    for number, names in enumerate(shards.values(), start=1):
        file = f"model-{number:05}-of-{len(shards):05}.safetensors"
        tensors = {name: _random(shapes[name], generator) for name in names}
        save_file(tensors, folder / file, metadata={"format": "pt"})
        weight_map |= dict.fromkeys(names, file)
    index = {"metadata": {}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    config.architectures = ["LlamaForCausalLM"]
    config.save_pretrained(folder)
    make_tokenizer(folder, end=None)


def _random(shape: torch.Size, generator: torch.Generator) -> torch.Tensor:
    if len(shape) == 1:
        return torch.ones(shape, dtype=torch.bfloat16)
    drawn = torch.randn(shape, generator=generator, dtype=torch.bfloat16, device=generator.device)
    return (0.02 * drawn).cpu()


def measure(folder: Path, device: str, answer: int, *, quantised: bool) -> Result:
    """Load the model, answer one message and a batch, and let it go."""
    is_gpu = device == "cuda"
    if is_gpu:
        torch.cuda.reset_peak_memory_stats()
    sampling = Sampling(max_tokens=answer, seed=0)
    start = time.perf_counter()
    llm = LocalLLM.load(folder, sampling, quantised=quantised, device=device, batch_size=BATCH)
    load_seconds = time.perf_counter() - start
    # The same weights once more, as they are shared.
    model = weights.load(folder, llm.name, quantised=quantised, device=device).model
    _tokens_per_second(llm, 1)  # CUDA loads its kernels when they are first used.
    single, batch = _tokens_per_second(llm, 1), _tokens_per_second(llm, BATCH)
    peak = torch.cuda.max_memory_allocated() / GIB if is_gpu else None
    result = Result(load_seconds, model.get_memory_footprint() / GIB, peak, single, batch)
    del llm, model
    gc.collect()
    if is_gpu:
        torch.cuda.empty_cache()
    return result


def _tokens_per_second(llm: LocalLLM, count: int) -> float:
    start = time.perf_counter()
    answers = llm.complete([f"{QUESTION} {number}" for number in range(count)])
    seconds = time.perf_counter() - start
    failed = [answer for answer in answers if not isinstance(answer, Completion)]
    if failed:
        raise SystemExit(failed[0].message)
    return sum(answer.usage.completion_tokens for answer in answers) / seconds


def table(four_bits: Result, whole: Result, whole_name: str) -> str:
    """Both results side by side, and how many times more the first is."""
    rows = [("", "NF4", whole_name, "NF4 / " + whole_name)]
    for label, name, digits in (
        ("loading, s", "load_seconds", 1),
        ("weights, GiB", "weights", 2),
        ("peak memory, GiB", "peak", 2),
        ("tokens/s, one answer", "single", 1),
        (f"tokens/s, batch of {BATCH}", "batch", 1),
    ):
        ours, theirs = getattr(four_bits, name), getattr(whole, name)
        if ours is not None:
            rows.append(
                (label, f"{ours:.{digits}f}", f"{theirs:.{digits}f}", f"{ours / theirs:.2f}")
            )
    return "\n".join(f"{label:24}{a:>10}{b:>10}{c:>16}" for label, a, b, c in rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the model, measure it both ways and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tiny", action="store_true", help="a tiny model on the processor")
    parser.add_argument("--folder", type=Path, help="where to write the model for a while")
    options = parser.parse_args(arguments)
    config, device, answer = (
        (TINY, "cpu", TINY_ANSWER) if options.tiny else (LLAMA2_7B, "cuda", ANSWER)
    )
    if device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("PyTorch finds no NVIDIA GPU. Try `--tiny` to run on the processor.")
    name = "the processor" if options.tiny else torch.cuda.get_device_name()
    with tempfile.TemporaryDirectory(dir=options.folder) as written:
        folder = Path(written)
        write_model(folder, config, device)
        size = stored_bytes(folder) / 1e9
        print(f"{name}, torch {torch.__version__}; random weights, {size:.2f} GB on disk")
        print(f"answers of {answer} tokens")
        four_bits = measure(folder, device, answer, quantised=True)
        whole = measure(folder, device, answer, quantised=False)
    print(table(four_bits, whole, "float32" if options.tiny else "bf16"))


if __name__ == "__main__":
    main()
