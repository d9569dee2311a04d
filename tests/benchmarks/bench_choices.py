"""How well a log of choices is learned from: a small pretrained chat model, asked through the API.

Usage: python tests/benchmarks/bench_choices.py MODEL.gguf [LOG.csv]

The questions are made here, with their answers; a log that is there already is taken as it is.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from core.asking.own_log import learn  # noqa: E402
from core.evaluation.frontier import one_row  # noqa: E402
from core.llms import Completion, Sampling  # noqa: E402
from core.llms.openai.api import OpenAICompatible  # noqa: E402
from core.logs.own import inspect  # noqa: E402
from core.prompts import message, own_prompt  # noqa: E402

PORT = 8765
QUESTIONS = 240
PROMPTS = (
    "\nAnswer with a letter only:",
    "\nThe answer is (",
    "\nThink in one sentence, then end with “The answer is” and a letter.",
    "You take a quiz.\n{{query}}\nWhich letter is right?",
)
KINDS = {
    "animal": [
        "dog",
        "cat",
        "horse",
        "cow",
        "pig",
        "sheep",
        "goat",
        "lion",
        "tiger",
        "bear",
        "wolf",
        "fox",
    ],
    "fruit": [
        "apple",
        "pear",
        "plum",
        "cherry",
        "banana",
        "orange",
        "lemon",
        "grape",
        "peach",
        "mango",
    ],
    "colour": [
        "red",
        "blue",
        "green",
        "yellow",
        "purple",
        "brown",
        "pink",
        "white",
        "black",
        "grey",
    ],
    "tool": ["hammer", "saw", "drill", "wrench", "shovel", "rake", "chisel", "pliers"],
    "country": [
        "France",
        "Spain",
        "Italy",
        "Japan",
        "Brazil",
        "Canada",
        "Egypt",
        "India",
        "Kenya",
        "Peru",
    ],
    "metal": ["iron", "gold", "silver", "copper", "tin", "zinc", "lead", "nickel"],
}
CAPITALS = {
    "France": "Paris",
    "Spain": "Madrid",
    "Italy": "Rome",
    "Japan": "Tokyo",
    "Egypt": "Cairo",
    "Canada": "Ottawa",
    "Kenya": "Nairobi",
    "Peru": "Lima",
    "Cuba": "Havana",
    "Iran": "Tehran",
}
OPPOSITES = {
    "hot": "cold",
    "big": "small",
    "fast": "slow",
    "wet": "dry",
    "early": "late",
    "up": "down",
    "open": "closed",
    "full": "empty",
    "old": "young",
    "hard": "soft",
    "loud": "quiet",
}


def questions(random: Random) -> Iterator[tuple[str, str]]:
    """Questions with four choices, and the letter of the right one; none comes twice."""
    asked: set[str] = set()
    while True:
        stem, right, wrong = random.choice((_member, _capital, _opposite, _largest, _sum))(random)
        choices = random.sample([right, *wrong], 4)
        lines = [f"{letter}. {choice}" for letter, choice in zip("ABCD", choices, strict=True)]
        query = "\n".join([stem, *lines])
        if query not in asked:
            asked.add(query)
            yield query, "ABCD"[choices.index(right)]


def _member(random: Random) -> tuple[str, str, list[str]]:
    kind, *others = random.sample(list(KINDS), 4)
    name = f"{'an' if kind == 'animal' else 'a'} {kind}"
    wrong = [random.choice(KINDS[other]) for other in others]
    return f"Which of these is {name}?", random.choice(KINDS[kind]), wrong


def _capital(random: Random) -> tuple[str, str, list[str]]:
    country, *others = random.sample(list(CAPITALS), 4)
    wrong = [CAPITALS[other] for other in others]
    return f"What is the capital of {country}?", CAPITALS[country], wrong


def _opposite(random: Random) -> tuple[str, str, list[str]]:
    word, *others = random.sample(list(OPPOSITES), 4)
    wrong = [OPPOSITES[other] for other in others]
    return f"What is the opposite of “{word}”?", OPPOSITES[word], wrong


def _largest(random: Random) -> tuple[str, str, list[str]]:
    numbers = sorted(random.sample(range(10, 1000), 4))
    return "Which number is the largest?", str(numbers[-1]), [str(one) for one in numbers[:-1]]


def _sum(random: Random) -> tuple[str, str, list[str]]:
    first, second = random.randint(2, 30), random.randint(2, 30)
    wrong = random.sample([n for n in range(4, 61) if n != first + second], 3)
    return f"How much is {first} + {second}?", str(first + second), [str(one) for one in wrong]


def collect(model: Path, out: Path) -> None:
    """Ask every question with every prompt, of a server in front of the model, and write a log."""
    command = [sys.executable, "-m", "core", "serve", "--llm", f"gguf:{model}", "--port", str(PORT)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            name = server.stderr.readline().partition("models: ")[2].split(" · ")[0]
            plain = name.rpartition(", ")[2].strip()
            sampling = Sampling(temperature=0, max_tokens=40)
            url = f"http://127.0.0.1:{PORT}/v1"
            llm = OpenAICompatible(plain, sampling, api_key="none", base_url=url, concurrency=4)
            drawn = questions(Random(0))
            rows = []
            for _ in range(QUESTIONS):
                query, gold = next(drawn)
                texts = [message(query, own_prompt(prompt)) for prompt in PROMPTS]
                for prompt, said in zip(PROMPTS, llm.complete(texts), strict=True):
                    if isinstance(said, Completion):
                        row = {"query": query, "prompt": prompt, "gold": gold, "answer": said.text}
                        rows.append(row)
        finally:
            server.terminate()
    pd.DataFrame(rows).to_csv(out, index=False)


def main() -> None:
    """Make a log, learn from it and print how good that is on questions that were left out."""
    with TemporaryDirectory() as folder:
        log = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder) / "choices.csv"
        if not log.is_file():
            collect(Path(sys.argv[1]).resolve(), log)
        found = inspect(log)
        table = found.demonstrations()
        learned = learn(table, found.prompts, log.name)
    print(f"{found.rows} answers; {found.graded}; {learned.unvoted or 'votes are taken'}")
    for prompt_id, share in table.groupby("prompt_id", observed=True)["correct"].mean().items():
        print(f"{100 * share:5.1f} %  {prompt_id!r}")
    rows = learned.frontier
    for policy in ("random", "best-single", "best-of-n", "oracle"):
        _show(one_row(rows, policy))
    _show(rows[(rows["policy"] == "majority-vote") & (rows["parameter"] == len(PROMPTS))].iloc[0])
    error, perfect = 100 * learned.calibration, 100 * learned.calibration_of_perfect
    print(f"calibration error {error:.1f} % (a perfect model: {perfect:.1f} %)")


def _show(row: pd.Series) -> None:
    accuracy, gain = (
        " ".join(f"{100 * row[name + end]:.1f}" for end in ("", "_low", "_high"))
        for name in ("accuracy", "minus_best_single")
    )
    print(f"{row['policy']:14} {accuracy} · over the best single prompt {gain}")


if __name__ == "__main__":
    main()
