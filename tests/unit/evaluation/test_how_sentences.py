"""How it works: what it says follows the tables, and its own words hold no figure."""

import re
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.artifacts import load_table
from core.asking.ranking import Ranking
from core.prompts import PROMPTS, own_prompt
from demo.how import picture, sentences
from demo.how import tab as how_tab

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = "<img src=x onerror=alert(1)>"
NAMES = re.compile(r"LLaMA2-7B-chat|GPT-3\.5|GSM8K|95 %|20\d\d")
"""Words with digits in them that no table can change."""


def _row(policy: str, accuracy: float, calls: float, **more: object) -> dict[str, object]:
    low, high = accuracy - 0.02, accuracy + 0.02
    return {
        "llm": "embedded",
        "dataset": "stories",
        "protocol": "clean",
        "prompt_set": "answered",
        "prompts": 8,
        "policy": policy,
        "parameter": np.nan,
        "deployable": True,
        "n": 1234,
        "accuracy": accuracy,
        "accuracy_low": low,
        "accuracy_high": high,
        "calls": calls,
        "price": "no price",
        "dollars_per_1000": np.nan,
        "minus_best_single": 0.031,
        "minus_best_single_low": 0.012,
        "minus_best_single_high": 0.051,
        "minus_same_prompt": 0.021,
        "minus_same_prompt_low": 0.002,
        "minus_same_prompt_high": 0.041,
        "minus_exhaustive": -0.074,
        "minus_exhaustive_low": -0.09,
        "minus_exhaustive_high": -0.05,
        **more,
    }


def _table() -> pd.DataFrame:
    near = {"minus_exhaustive": 0.001, "minus_exhaustive_low": -0.006}
    return pd.DataFrame(
        [
            _row("best-single", 0.301, 1),
            _row("best-of-n", 0.332, 1),
            _row("budgeted", 0.401, 3.4, parameter=3.0, **near),
            _row("budgeted", 0.402, 5.4, parameter=5.0, **near),
            _row("majority-vote", 0.403, 8, parameter=8.0, **near),
            _row("oracle", 0.777, 8, deployable=False),
        ]
    )


def _ranking(*chances: float) -> Ranking:
    values = np.array(chances)
    unknown = np.full(len(values), np.nan)
    return Ranking(PROMPTS[: len(values)], values, values, values, *(unknown,) * 3)


def test_the_one_call_is_set_beside_fewer_and_more() -> None:
    sentence = sentences.one_call_sentence(_table())
    assert "+3.1 points (95 %: +1.2 to +5.1), significant" in sentence
    assert "1 call instead of 8: −7.4 points (95 %: −9.0 to −5.0), significant" in sentence


def test_what_is_within_noise_is_called_so() -> None:
    table = _table().assign(minus_best_single_low=-0.001)
    assert "−0.1 to +5.1), not significant" in sentences.one_call_sentence(table)


def test_where_best_of_n_loses_is_named() -> None:
    loss = {"minus_same_prompt_low": -0.08, "minus_same_prompt_high": -0.01}
    tie = {"minus_best_single_low": -0.01}
    table = pd.DataFrame(
        [
            _row("best-of-n", 0.3, 1),
            _row("best-of-n", 0.3, 1, dataset="svamp", **tie),
            _row(
                "best-of-n",
                0.3,
                1,
                dataset="mawps",
                minus_same_prompt=-0.04,
                minus_best_single_low=-0.1,
                **loss,
            ),
            _row("best-of-n", 0.3, 1, dataset="gsm8k", protocol="published", **loss),
        ]
    )
    sentence = sentences.tally_sentence(table)
    assert "of 3 clean comparisons significantly in 1, within noise in 1" in sentence
    assert sentence.endswith(
        "the same prompt in 1: embedded, MAWPS, 8 prompts, −4.0 points (95 %: −8.0 to −1.0)."
    )
    assert sentences.tally_sentence(table[:2]).endswith("the same prompt in 0.")


def test_every_significant_loss_in_the_shipped_table_is_on_the_page() -> None:
    frontier = load_table("frontier")
    losses = frontier[
        (frontier["protocol"] == "clean")
        & (frontier["policy"] == "best-of-n")
        & (frontier["minus_same_prompt_high"] < 0)
    ]
    said = how_tab.limits_html(frontier)
    for loss in losses["minus_same_prompt"]:
        assert f"−{-100 * loss:.1f} points" in said


def test_the_picture_sets_few_calls_beside_all() -> None:
    rows = sentences.shown_rows(_table())
    assert [(sentences.name_of(row), row["calls"]) for row in rows] == [
        ("best single prompt", 1),
        ("best-of-N", 1),
        ("budgeted", 3.4),
        ("exhaustive prompting", 8),
    ]
    shown = picture.calls_and_accuracy("title", rows, "sentence")
    assert shown.count("<i>") == 1 + 1 + 3 + 8
    assert "33.2 %" in shown
    assert "31.2 to 35.2" in shown
    assert picture.axis_range(rows) == (25, 45)


def test_without_answers_to_vote_on_one_call_stands_alone() -> None:
    table = _table()[:2].assign(minus_exhaustive=np.nan)
    assert len(sentences.shown_rows(table)) == 2
    assert "exhaustive" not in sentences.one_call_sentence(table)
    assert "not compared" in sentences.exhaustive_sentence(table)


def test_the_chosen_prompt_of_each_query_is_framed_and_named() -> None:
    rankings = [_ranking(0.2, 0.9, 0.5), _ranking(0.8, 0.1, 0.5)]
    shown = picture.heat_map(["First?", "Second?"], rankings, "Note.")
    first, second, _ = PROMPTS[:3]
    assert f"A {second.label}, B {first.label}." in shown
    framed = re.findall(r'<td class="chosen"[^>]*>(\d+)', shown)
    assert sorted(framed) == ["80", "90"]


def test_prompts_and_questions_stay_text() -> None:
    values = np.array([0.5])
    prompt = own_prompt(SCRIPT)
    ranking = Ranking((prompt,), *(values,) * 6)
    assert "<img" not in picture.heat_map([SCRIPT], [ranking], SCRIPT)


def _text(html: str) -> str:
    return NAMES.sub("", re.sub(r"<[^>]*>", " ", html))


def test_no_figure_is_typed() -> None:
    """With a table of which every number has changed, no number of the old page is left."""
    frontier, summary = load_table("frontier"), load_table("summary")
    changed = frontier.copy()
    numbers = [name for name in frontier.select_dtypes("float") if name != "parameter"]
    # Shares above 100 are none, and so no number of the page can be the same by chance.
    changed[numbers] += 123
    pages = []
    for table, metrics in (
        (frontier, summary),
        (changed, summary.assign(value=summary["value"] + 123)),
    ):
        rows = how_tab.comparison_rows(table)
        said = how_tab.meaning_html(rows, metrics) + how_tab.limits_html(table)
        pages.append(_text(said + sentences.one_call_sentence(rows)))
    old, new = (set(re.findall(r"\d+\.\d+", page)) for page in pages)
    assert len(old) > 6
    assert not old & new
    assert not re.search(r"\d", _text(how_tab.steps_html()))


def test_the_picture_is_quick_to_compute() -> None:
    how_tab.picture_html()
    start = time.perf_counter()
    how_tab.picture_html()
    assert time.perf_counter() - start < 0.5


def test_citation_and_sections_are_the_readme_s() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert how_tab.CITATION in readme
    for section in how_tab.README_SECTIONS:
        assert re.search(rf"^##+ {re.escape(section)}$", readme, re.MULTILINE), section


@pytest.mark.parametrize("address", re.findall(r"<a [^>]*>", how_tab.links_html()))
def test_links_leave_the_page_alone(address: str) -> None:
    assert 'href="https://' in address
    assert 'rel="noopener"' in address
