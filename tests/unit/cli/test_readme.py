"""The README's numbers are those of the artifacts."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub import metadata_load

from core.artifacts import load_reward, load_table
from core.building.data_card import data_card
from core.building.readme_tables import graders_markdown, results_markdown, summary_markdown
from core.building.repair_table import repairs_markdown
from core.demonstrations import LLMS
from core.embedded_training.accuracy import accuracy_markdown
from core.evaluation.frontier import exhaustive_row, hero, share_of_bill, strongest
from core.hosting.settings import DEFAULT_API_MODELS, DEFAULT_HF_MODELS, Limits
from core.paths import FOLDER
from core.prompts import PROMPTS

ROOT = Path(__file__).resolve().parents[3]
PAGES = [
    ROOT / name
    for name in (
        "README.md",
        "core/README.md",
        "core/llms/README.md",
        "demo/README.md",
        "precomputed/RESULTS.md",
        "precomputed/embedded/README.md",
        "tests/benchmarks/README.md",
    )
]
README = "\n".join(page.read_text("utf-8") for page in PAGES)
"""The README and the pages that it leads to."""


def _cells(text: str) -> list[list[str]]:
    """The cells of every table row of a text, without the lines under the heads."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return [row for row in cells if not all(re.fullmatch(":?-+:?", cell) for cell in row)]


def _block(name: str) -> list[list[str]]:
    """The tables between two marks."""
    block = re.search(rf"<!-- {name} -->\n(.*?)<!-- end of {name} -->", README, re.DOTALL)
    assert block is not None
    return _cells(block.group(1))


def _row(first: str) -> list[str]:
    """The one row of all tables whose first cell this is, without it."""
    [row] = [cells[1:] for cells in _cells(README) if cells[0] == first]
    return row


def _numbers(start: str, end: str) -> list[float]:
    """The numbers of the README from one phrase to the next occurrence of another."""
    [after] = README.split(start)[1:]
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", after.split(end)[0])]


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("summary", lambda: summary_markdown(load_table("frontier"))),
        ("results", lambda: results_markdown(load_table("frontier"), load_table("summary"))),
        ("graders", lambda: graders_markdown(load_table("budget-graders"))),
        ("repairs", lambda: repairs_markdown(load_table("repairs"))),
        (
            "embedded",
            lambda: accuracy_markdown(
                load_table("embedded-accuracy"), {prompt.id: prompt.label for prompt in PROMPTS}
            ),
        ),
    ],
)
def test_the_tables_are_cell_by_cell_what_the_commands_print(
    name: str, printed: Callable[[], str]
) -> None:
    assert _block(name) == _cells(printed())


def test_the_learning_curve_is_that_of_the_shipped_model() -> None:
    record = json.loads((FOLDER / "embedded" / "training.json").read_text("utf-8"))
    curve = [*record["before"]["learning_curve"], *record["learning_curve"]]
    for name, title in (("own", "own questions, % of 200"), ("mawps", "MAWPS, % of 63")):
        assert _row(title) == [f"{100 * row[name]:.0f}" for row in curve]
    batch = record["recipe"]["batch"]
    assert _row(f"batches of {batch}") == [
        *(f"{row['step']:,}" for row in record["before"]["learning_curve"]),
        *(f"+{row['step']:,}" for row in record["learning_curve"]),
    ]


def test_the_answer_reading_figures_are_those_of_the_artifact() -> None:
    rows = load_table("answers").set_index("rule")
    chosen, published = rows.loc["chosen"], rows.loc["published"]
    assert _numbers("on GSM8K from ", " at no LLM") == [
        _tenth(published["accuracy_report"]),
        _tenth(chosen["accuracy_report"]),
        _tenth(chosen["difference"]),
        95,
        _tenth(chosen["difference_low"]),
        _tenth(chosen["difference_high"]),
    ]
    assert _numbers("it credits, ", " for the published grader") == [
        _tenth(chosen["false_credit_rate"]),
        _tenth(published["false_credit_rate"]),
    ]


def _tenth(share: float) -> float:
    """A share in percent with one decimal."""
    return round(100 * share, 1)


def test_the_figures_on_equations_are_those_of_the_artifact() -> None:
    rows = load_table("equations").set_index("kind")
    expected = [
        round(100 * rows.loc[kind, column])
        for kind in ("an equation is wrong", "all equations hold")
        for column in ("accuracy", "accuracy_low", "accuracy_high")
    ]
    assert (
        _numbers("answers to GSM8K with a wrong equation", "(`python -m core answers`)") == expected
    )


def test_the_data_card_is_what_rebuilding_writes() -> None:
    made = data_card({llm: load_reward(llm) for llm in LLMS}, load_table("frontier"))
    shipped = (FOLDER / "DATA_CARD.md").read_text("utf-8")
    # Versions are those of the machine that rebuilt it.
    versions = re.compile(r"^Python .*|genai-prices [\d.]+", re.MULTILINE)
    assert versions.sub("", made) == versions.sub("", shipped)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_a_page_shows_is_there(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / link).exists(), link


def test_every_page_is_reached_from_the_readme() -> None:
    main = PAGES[0].read_text("utf-8")
    linked = {(ROOT / link).resolve() for link in re.findall(r"\]\(([^)#:]+)", main)}
    for page in PAGES[1:]:
        assert page in linked or page.parent in linked, page


def test_the_headline_is_the_story_of_the_opening_view() -> None:
    table = load_table("frontier")
    key = ["llm", "dataset", "protocol", "prompt_set"]
    rows = table[(table[key] == strongest(table, key)).all(axis=1)]
    told, exhaustive = hero(rows), exhaustive_row(rows)
    share, _ = share_of_bill(told, exhaustive)
    for said in (
        f"as many right answers, for {100 * share:.0f} % of the bill",
        f"right on {100 * told['accuracy']:.1f} % with {told['calls']:.1f} calls",
        f"prompts are right on {100 * exhaustive['accuracy']:.1f} %",
        f"{100 * told['minus_exhaustive']:+.1f} points",
    ):
        assert said in " ".join(README.split()), said


def test_the_page_alone_has_the_same_versions() -> None:
    whole = set((ROOT / "requirements.txt").read_text("utf-8").splitlines())
    alone = (ROOT / "demo" / "requirements.txt").read_text("utf-8").splitlines()
    pins = {line for line in alone if not line.startswith("#")}
    assert pins <= whole
    assert not {"torch", "transformers", "bitsandbytes"} & {pin.split("==")[0] for pin in pins}


def test_the_space_is_set_up_with_what_is_here() -> None:
    space = metadata_load(ROOT / "README.md")
    requirements = (ROOT / "requirements.txt").read_text("utf-8")
    assert space["sdk"] == "gradio"
    assert f"gradio=={space['sdk_version']}\n" in requirements
    assert (ROOT / space["app_file"]).is_file()
    # The Hub refuses a longer one.
    assert len(space["short_description"]) <= 60
    assert f"Python {space['python_version']} or later" in README


def test_the_operator_s_settings_have_the_defaults_that_they_are_said_to_have() -> None:
    limits = Limits()
    calls, dollars = (
        "`PROMPT_OIRL_SESSION_CALLS`, `PROMPT_OIRL_DAY_CALLS`",
        ("`PROMPT_OIRL_SESSION_DOLLARS`, `PROMPT_OIRL_DAY_DOLLARS`"),
    )
    for name, default in (
        (calls, f"{limits.session_calls}, {limits.day_calls}"),
        (dollars, f"{limits.session_dollars:g}, {limits.day_dollars:g}"),
        ("`PROMPT_OIRL_API_MODELS`", f"`{','.join(DEFAULT_API_MODELS)}`"),
        ("`PROMPT_OIRL_HF_MODELS`", f"`{','.join(DEFAULT_HF_MODELS)}`"),
    ):
        assert _row(name)[-1] == default


def test_the_lines_that_use_a_trained_model_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = re.search(r"```python\n(from pathlib.*?)```", README, re.DOTALL)
    assert code is not None
    (tmp_path / "my.zip").write_bytes((FOLDER / "reward-embedded.zip").read_bytes())
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(code[1], names)
    assert str(names["send"]).startswith(str(names["query"]))
    assert str(names["send"]).removeprefix(str(names["query"])) in {p.text for p in PROMPTS}
