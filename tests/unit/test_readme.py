"""The README's numbers are those of the artifacts."""

import json
import re
from pathlib import Path

from huggingface_hub import metadata_load

from core.artifacts import load_table
from core.building.readme_tables import graders_markdown, results_markdown
from core.embedded_training.accuracy import accuracy_markdown
from core.hosting.settings import DEFAULT_API_MODELS, DEFAULT_HF_MODELS, Limits
from core.paths import FOLDER
from core.prompts import PROMPTS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_results_tables_are_what_the_command_prints() -> None:
    block = re.search(r"<!-- results -->\n(.*?)<!-- end of results -->", README, re.DOTALL)
    assert block is not None
    assert (
        block.group(1).strip()
        == results_markdown(load_table("frontier"), load_table("summary")).strip()
    )


def test_the_graders_table_is_what_the_command_prints() -> None:
    block = re.search(r"<!-- graders -->\n(.*?)<!-- end of graders -->", README, re.DOTALL)
    assert block is not None
    assert block.group(1).strip() == graders_markdown(load_table("budget-graders")).strip()


def test_the_embedded_llm_s_table_is_what_the_command_prints() -> None:
    block = re.search(r"<!-- embedded -->\n(.*?)<!-- end of embedded -->", README, re.DOTALL)
    assert block is not None
    labels = {prompt.id: prompt.label for prompt in PROMPTS}
    assert block.group(1).strip() == accuracy_markdown(load_table("embedded-accuracy"), labels)


def test_the_learning_curve_is_that_of_the_shipped_model() -> None:
    record = json.loads((FOLDER / "embedded" / "training.json").read_text("utf-8"))
    for name, title in (("own", "own questions, % of 200"), ("mawps", "MAWPS, % of 63")):
        cells = " | ".join(f"{100 * row[name]:.0f}" for row in record["learning_curve"])
        assert f"| {title} | {cells} |" in README
    steps = " | ".join(f"{row['step']:,}" for row in record["learning_curve"])
    assert f"| batches of {record['recipe']['batch']} | {steps} |" in README


def test_the_answer_reading_figures_are_those_of_the_artifact() -> None:
    rows = load_table("answers").set_index("rule")
    chosen = rows.loc["chosen"]
    for value in (
        rows.loc["published", "accuracy_report"],
        chosen["accuracy_report"],
        chosen["difference_low"],
        chosen["difference_high"],
    ):
        assert f"{100 * value:.1f}" in README
    assert f"{100 * chosen['false_credit_rate']:.1f} %" in README


def test_the_figures_on_equations_are_those_of_the_artifact() -> None:
    rows = load_table("equations").set_index("kind")
    for kind in ("an equation is wrong", "all equations hold"):
        share = rows.loc[kind]
        low, high = 100 * share["accuracy_low"], 100 * share["accuracy_high"]
        assert f"{100 * share['accuracy']:.0f} % ({low:.0f} to {high:.0f})" in README


def test_every_file_the_readme_shows_is_there() -> None:
    for link in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / link).exists(), link


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
    for said in (
        f"{limits.session_calls}, {limits.day_calls} |",
        f"{limits.session_dollars:g}, {limits.day_dollars:g} |",
        f"`{','.join(DEFAULT_API_MODELS)}`",
        f"`{','.join(DEFAULT_HF_MODELS)}`",
    ):
        assert said in README
