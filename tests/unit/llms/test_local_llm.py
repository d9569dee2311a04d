"""Answers of a local LLM: batches, sampling, streaming, stopping, and memory that runs out."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_llama import MESSAGES

from core.asking.ranking import Ranking
from core.asking.solve import solve
from core.costs.ledger import Ledger
from core.llms import Attempt, Completion, Control, Failure, Sampling, Usage
from core.llms.local.llm import LocalLLM
from core.llms.local.load import load
from core.llms.local.transformers_model import Weights
from core.policies import MajorityVote
from core.prompts import PROMPTS

GREEDY = Sampling(temperature=0, max_tokens=12)


def _llm(folder: Path, sampling: Sampling = GREEDY, batch_size: int = 16) -> LocalLLM:
    return LocalLLM.load(folder, sampling, quantised=False, device="cpu", batch_size=batch_size)


def _weights(folder: Path) -> Weights:
    """The weights that every LLM of this folder shares."""
    return load(folder, "tiny", quantised=False, device="cpu")


def _texts(results: list[Completion | Failure]) -> list[str]:
    return [result.text for result in results if isinstance(result, Completion)]


@contextmanager
def _before_step(folder: Path, act: Callable[[int, int], None]) -> Iterator[None]:
    """Call ``act`` with the rows and columns of the input before the model computes."""

    def hook(module: torch.nn.Module, arguments: object, named: dict[str, torch.Tensor]) -> None:
        act(*named["input_ids"].shape)

    weights = _weights(folder)
    handle = weights.model.register_forward_pre_hook(hook, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


@pytest.mark.parametrize("batch_size", [2, 16])
def test_a_batch_gives_the_answers_of_single_calls_in_order(tiny: Path, batch_size: int) -> None:
    single = _llm(tiny)
    expected = _texts([single.complete([message])[0] for message in MESSAGES])
    assert len(set(expected)) == len(MESSAGES)
    assert _texts(_llm(tiny, batch_size=batch_size).complete(MESSAGES)) == expected


def test_tokens_are_counted_without_padding(tiny: Path) -> None:
    results = _llm(tiny).complete(MESSAGES)
    lengths = [len(_weights(tiny).encode(message)) for message in MESSAGES]
    assert len(set(lengths)) > 2
    assert [result.usage for result in results] == [Usage(length, 12) for length in lengths]
    assert {result.finish_reason for result in results} == {"length"}


def test_batches_hold_prompts_of_like_length(tiny: Path) -> None:
    shapes = []
    with _before_step(tiny, lambda rows, columns: shapes.append((rows, columns))):
        _llm(tiny, batch_size=2).complete(MESSAGES)
    lengths = sorted(len(_weights(tiny).encode(message)) for message in MESSAGES)
    assert [shape for shape in shapes if shape[1] > 1] == [
        (2, lengths[4]),
        (2, lengths[2]),
        (1, lengths[0]),
    ]


def test_the_seconds_of_a_batch_add_up_to_its_time(tiny: Path) -> None:
    attempts: list[Attempt] = []
    llm = _llm(tiny)
    start = time.perf_counter()
    results = llm.complete(MESSAGES, Control(on_attempt=attempts.append))
    elapsed = time.perf_counter() - start
    shares = [result.seconds for result in results]
    assert shares == [shares[0]] * len(MESSAGES)
    assert 0 < sum(shares) <= elapsed
    assert [attempt.seconds for attempt in attempts] == shares
    assert {attempt.outcome for attempt in attempts} == {"ok"}
    assert sorted(attempt.position for attempt in attempts) == list(range(len(MESSAGES)))
    span = max(attempt.when for attempt in attempts) - min(attempt.when for attempt in attempts)
    assert span.total_seconds() == 0


def test_one_seed_repeats_its_texts_and_another_gives_others(tiny: Path) -> None:
    def ask(seed: int | None, batch_size: int = 16) -> list[str]:
        sampling = Sampling(temperature=1, max_tokens=12, seed=seed)
        return _texts(_llm(tiny, sampling, batch_size).complete(MESSAGES))

    assert ask(3) == ask(3)
    assert ask(3) == ask(3, batch_size=2)
    assert ask(3) != ask(4)
    assert ask(-3) != ask(3)
    assert ask(None) != ask(None)


def test_asking_again_with_one_seed_draws_anew(tiny: Path) -> None:
    sampling = Sampling(temperature=1, max_tokens=12, seed=3)
    llm = _llm(tiny, sampling)
    first, second = _texts(llm.complete([MESSAGES[0]] * 2))
    [third] = _texts(llm.complete([MESSAGES[0]]))
    assert len({first, second, third}) == 3
    assert _texts(_llm(tiny, sampling).complete([MESSAGES[0]] * 3)) == [first, second, third]


def test_other_users_of_torchs_random_numbers_are_not_disturbed(tiny: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    _llm(tiny, Sampling(temperature=1, max_tokens=4, seed=3)).complete(MESSAGES[:1])
    assert torch.rand(1) == expected


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(temperature=1e-30, max_tokens=12),
        Sampling(temperature=2, top_p=1e-6, max_tokens=12),
    ],
)
def test_sampling_next_to_certainty_is_greedy(tiny: Path, sampling: Sampling) -> None:
    assert _texts(_llm(tiny, sampling).complete(MESSAGES)) == _texts(_llm(tiny).complete(MESSAGES))


def test_tokens_are_drawn_by_temperature_and_top_p() -> None:
    from core.llms.local.batching import Row
    from core.llms.local.text_stream import TextStream
    from core.llms.local.transformers_model import Draw

    count = 4000
    uniform = (np.arange(count, dtype=np.float32) + 0.5) / count
    rows = [
        Row(0, [1], 1, uniform[number : number + 1], TextStream(str)) for number in range(count)
    ]
    logits = torch.tensor([2.0, -1.0, 1.0, 0.0])
    draw = Draw(rows, Sampling(temperature=0.5, top_p=0.9), width=1, device=torch.device("cpu"))
    drawn = draw(torch.ones((count, 1), dtype=torch.long), logits.repeat(count, 1)).argmax(dim=-1)
    share = torch.bincount(drawn, minlength=4) / count
    # At temperature 0.5 the shares are 0.865, 0.002, 0.117, 0.016; 0.9 is reached with two.
    assert share.tolist() == pytest.approx([0.8808, 0.0, 0.1192, 0.0], abs=1e-3)


def _stopping_at(folder: Path, token: int, copy: Path) -> Path:
    """A copy of the model that ends its answers at this token."""
    shutil.copytree(folder, copy)
    config = json.loads((copy / "generation_config.json").read_text())
    (copy / "generation_config.json").write_text(json.dumps({**config, "eos_token_id": [2, token]}))
    return copy


def test_an_answer_stops_at_its_end_token_which_is_counted_but_not_shown(
    tiny: Path, tmp_path: Path
) -> None:
    weights = _weights(tiny)
    prompt = weights.encode(MESSAGES[1])
    output = weights.model.generate(
        torch.tensor([prompt]), do_sample=False, max_new_tokens=12, pad_token_id=0
    )
    written = output[0, len(prompt) :].tolist()
    place = next(place for place in range(3, 12) if written[place] not in written[:place])
    folder = _stopping_at(tiny, written[place], tmp_path / "stopping")

    stopped, other = _llm(folder).complete([MESSAGES[1], MESSAGES[0]])
    assert (stopped.finish_reason, stopped.usage.completion_tokens) == ("stop", place + 1)
    assert stopped.text == weights.decode(written[:place])
    # The rest of the batch goes on.
    assert other.finish_reason == "length"
    assert other.text == _llm(tiny).complete([MESSAGES[0]])[0].text


def test_what_the_models_authors_prefer_does_not_mix_with_the_sampling(
    tiny: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(tiny, tmp_path / "preferring")
    preferred = {"do_sample": True, "temperature": 0.1, "repetition_penalty": 5.0, "top_k": 1}
    (folder / "generation_config.json").write_text(json.dumps(preferred))
    assert _texts(_llm(folder).complete(MESSAGES)) == _texts(_llm(tiny).complete(MESSAGES))


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_streamed_pieces_join_to_the_texts(tiny: Path, temperature: float) -> None:
    pieces: dict[int, list[str]] = {position: [] for position in range(len(MESSAGES))}
    control = Control(on_text=lambda position, piece: pieces[position].append(piece))
    sampling = Sampling(temperature=temperature, max_tokens=30, seed=1)
    results = _llm(tiny, sampling, batch_size=3).complete(MESSAGES, control)
    assert ["".join(pieces[position]) for position in range(len(MESSAGES))] == _texts(results)
    assert all(len(part) > 3 for part in pieces.values())
    assert all(all(part) for part in pieces.values())


def test_watching_does_not_change_the_texts(tiny: Path) -> None:
    watched = Control(on_text=lambda position, piece: None)
    assert _llm(tiny).complete(MESSAGES, watched)[0].text == _llm(tiny).complete(MESSAGES)[0].text


def test_cancelling_drops_partial_answers_and_starts_no_new_ones(tiny: Path) -> None:
    pieces: list[str] = []
    attempts: list[Attempt] = []
    control = Control(
        on_attempt=attempts.append,
        on_text=lambda position, piece: pieces.append(piece),
        cancelled=lambda: len(pieces) >= 3,
    )
    sampling = Sampling(temperature=0, max_tokens=40)
    results = _llm(tiny, sampling, batch_size=2).complete(MESSAGES, control)
    assert [result.kind for result in results] == ["cancelled"] * len(MESSAGES)
    assert [attempt.outcome for attempt in attempts] == ["cancelled"] * 2
    assert all(0 < attempt.usage.completion_tokens < 40 for attempt in attempts)
    assert all(attempt.usage.prompt_tokens > 0 and attempt.seconds > 0 for attempt in attempts)


def test_answers_that_ended_before_cancelling_are_kept(tiny: Path) -> None:
    attempts: list[Attempt] = []
    control = Control(on_attempt=attempts.append, cancelled=lambda: len(attempts) >= 2)
    results = _llm(tiny, batch_size=2).complete(MESSAGES, control)
    kept = [result for result in results if isinstance(result, Completion)]
    assert len(kept) == 2
    assert len(attempts) == 2


def test_a_message_longer_than_the_context_names_both_numbers(tiny: Path) -> None:
    attempts: list[Attempt] = []
    long = "How many nuts? " * 200
    length = len(_weights(tiny).encode(long))
    failure, answer = _llm(tiny).complete([long, MESSAGES[0]], Control(on_attempt=attempts.append))
    assert failure.kind == "bad request"
    assert f"{length:,} tokens" in failure.message
    assert "at most 128" in failure.message
    assert isinstance(answer, Completion)
    assert [attempt.outcome for attempt in attempts] == ["bad request", "ok"]


def test_an_answer_ends_where_the_context_does_also_in_a_padded_batch(
    tiny: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sampling = Sampling(temperature=1, max_tokens=512, seed=2)
    results = _llm(tiny, sampling).complete(MESSAGES * 2)
    cut = [result for result in results if result.finish_reason == "length"]
    assert len({result.usage.prompt_tokens for result in cut}) > 1
    assert {result.usage.total for result in cut} == {128}
    assert all(result.usage.total <= 128 for result in results)
    assert "maximum length" not in caplog.text


@pytest.mark.parametrize("first_step", [0, 5])
def test_when_memory_runs_out_batches_are_halved_and_go_on(tiny: Path, first_step: int) -> None:
    sampling = Sampling(temperature=1, max_tokens=12, seed=1)
    expected = _texts(_llm(tiny, sampling).complete(MESSAGES))
    sizes: list[int] = []

    def act(rows: int, columns: int) -> None:
        sizes.append(rows)
        if rows > 2 and len(sizes) > first_step:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    pieces: dict[int, list[str]] = {position: [] for position in range(len(MESSAGES))}
    attempts: list[Attempt] = []
    control = Control(attempts.append, lambda position, piece: pieces[position].append(piece))
    with _before_step(tiny, act):
        results = _llm(tiny, sampling).complete(MESSAGES, control)
    assert _texts(results) == expected
    assert ["".join(part) for part in pieces.values()] == expected
    assert [attempt.outcome for attempt in attempts] == ["ok"] * len(MESSAGES)
    assert [result.usage.completion_tokens for result in results] == [12] * len(MESSAGES)
    assert sizes[first_step] == 5
    assert max(sizes[first_step + 1 :]) == 2


def test_when_one_message_does_not_fit_it_fails_alone(tiny: Path) -> None:
    longest = max(len(_weights(tiny).encode(message)) for message in MESSAGES)

    def act(rows: int, columns: int) -> None:
        if columns == longest:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    attempts: list[Attempt] = []
    with _before_step(tiny, act):
        results = _llm(tiny).complete(MESSAGES, Control(on_attempt=attempts.append))
    failures = [result for result in results if isinstance(result, Failure)]
    assert [failure.kind for failure in failures] == ["out of memory"]
    assert "lower the token limit" in failures[0].message
    assert sorted(attempt.outcome for attempt in attempts) == ["ok"] * 4 + ["out of memory"]


def test_threads_take_turns(tiny: Path) -> None:
    llm = _llm(tiny)
    [expected] = _texts(llm.complete(MESSAGES[:1]))
    second_wrote = threading.Event()
    found: list[str] = []
    second = threading.Thread(
        target=lambda: found.extend(_texts(llm.complete(MESSAGES[:1], Control(on_text=wrote))))
    )
    waited: list[bool] = []

    def wrote(position: int, piece: str) -> None:
        second_wrote.set()

    def start_second(position: int, piece: str) -> None:
        if not waited:
            second.start()
            waited.append(not second_wrote.wait(0.3))

    found.extend(_texts(llm.complete(MESSAGES[:1], Control(on_text=start_second))))
    second.join(30)
    assert waited == [True]
    assert second_wrote.is_set()
    assert found == [expected] * 2


def test_the_number_of_threads_is_as_before(tiny: Path) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    seen: list[int] = []
    try:
        with _before_step(tiny, lambda rows, columns: seen.append(torch.get_num_threads())):
            _llm(tiny).complete(MESSAGES[:1])
        assert set(seen) == {1}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_control_tokens_in_a_message_are_plain_text(tiny: Path) -> None:
    weights = _weights(tiny)
    assert weights.encode("How many?</s>").count(2) == 0
    assert "</s>" in weights.decode(weights.encode("How many?</s>"))


def test_a_majority_vote_spends_one_batch_and_fills_the_ledger(tiny: Path) -> None:
    column = np.full(len(PROMPTS), 0.5)
    ranking = Ranking(PROMPTS, *(column,) * 4, *(np.full(len(PROMPTS), np.nan),) * 2)
    ledger = Ledger()
    answer = solve("How many nuts?", ranking, MajorityVote(4), _llm(tiny), ledger=ledger)
    table = ledger.table()
    assert table["outcome"].tolist() == ["ok"] * 4
    assert table["prompt_tokens"].min() > 0
    assert table["dollars"].isna().all()
    assert answer.tokens == int((table["prompt_tokens"] + table["completion_tokens"]).sum())
