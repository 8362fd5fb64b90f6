"""Quality next to speed: our reader and four common recipes, trained and tested on the same lines.

    python -m benchmarks.quality [--long]

Train: every file of the corpus but `zz-*`; test: `zz-*`, other writers. Ours comes with its weights,
which were trained without `zz-*` too. Nobody gets the messages around a line.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import material
from domain.reading import Intent, Urgency
from handlers.understanding import default_reader
from handlers.understanding.corpus import Example, frozen

KEYWORDS = tuple((material.ROOT / "benchmarks" / "keywords.txt").read_text("utf-8").split())
"""Forty words that a careful person would put on a list; the first eight call for help at once."""


@dataclass(frozen=True, kw_only=True)
class Guess:
    """What a recipe says of one message."""

    request: bool
    category: str | None
    emergency: bool


Recipe = Callable[[str], Guess]


@dataclass(kw_only=True)
class Score:
    """How good and how fast one recipe is."""

    name: str
    precision: float
    recall: float
    f1: float
    emergency: float
    captured: float
    """Emergencies that were taken for a request at all."""
    category: float
    micros: float
    p99: float
    train_s: float

    def text(self) -> str:
        numbers = (
            self.precision,
            self.recall,
            self.f1,
            self.emergency,
            self.captured,
            self.category,
        )
        cells = " ".join(f"{n:>9.3f}" for n in numbers)
        return f"  {self.name:36} {cells} {self.micros:>9.0f} {self.p99:>9.0f} {self.train_s:>8.1f}"


HEAD = f"  {'':36} " + " ".join(
    f"{n:>9}" for n in ("precision", "recall", "F1", "em.recall", "em.taken", "category", "µs/msg", "p99 µs")
) + f" {'train s':>8}"  # fmt: skip


def parts() -> tuple[list[Example], list[Example]]:
    """(train, test), single messages; near-duplicates of the test part are not trained on."""
    examples = list(material.corpus())
    away = frozen(tuple(examples))
    train = [e for e, out in zip(examples, away, strict=True) if e.writer != "zz" and not out]
    test = [e for e in examples if e.writer == "zz"]
    return train, test


def keyword_list(train: Sequence[Example]) -> Recipe:
    """Forty words; a category is the one that the word stands with most often."""
    found: dict[str, dict[str, int]] = {word: {} for word in KEYWORDS}
    for example in train:
        for word in KEYWORDS:
            if word in example.text and example.categories:
                row = found[word]
                row[example.categories[0]] = row.get(example.categories[0], 0) + 1
    best = {word: max(row, key=row.__getitem__, default=None) for word, row in found.items()}
    alarming = KEYWORDS[:8]

    def guess(text: str) -> Guess:
        hits = [word for word in KEYWORDS if word in text]
        return Guess(
            request=bool(hits),
            category=best[hits[0]] if hits else None,
            emergency=any(word in text for word in alarming),
        )

    return guess


def jieba_logistic(train: Sequence[Example]) -> Recipe:
    """The recipe of most tutorials: jieba, TF-IDF, logistic regression."""
    import jieba
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    jieba.setLogLevel(60)
    jieba.initialize()
    vectorizer = TfidfVectorizer(tokenizer=jieba.lcut, token_pattern="", lowercase=False)
    return _linear(train, vectorizer, lambda: LogisticRegression(C=10, max_iter=200))


def char_svm(train: Sequence[Example]) -> Recipe:
    """Character 1- to 3-grams, TF-IDF, linear support vectors."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    return _linear(train, vectorizer, lambda: LinearSVC(C=0.5, random_state=1))


def _linear(train: Sequence[Example], vectorizer, make: Callable) -> Recipe:
    rows = vectorizer.fit_transform([e.text for e in train])
    asked = np.array([e.intent is Intent.REQUEST for e in train])
    grave = np.array([e.urgency is Urgency.EMERGENCY for e in train])
    about = [i for i, e in enumerate(train) if e.intent is Intent.REQUEST and e.categories]
    is_request, is_grave, category = make(), make(), make()
    is_request.fit(rows, asked)
    is_grave.fit(rows, grave)
    category.fit(rows[about], [train[i].categories[0] for i in about])

    def guess(text: str) -> Guess:
        row = vectorizer.transform([text])
        return Guess(
            request=bool(is_request.predict(row)[0]),
            category=str(category.predict(row)[0]),
            emergency=bool(is_grave.predict(row)[0]),
        )

    return guess


def fast_text(train: Sequence[Example]) -> Recipe:
    """fastText on characters; raises ImportError where it is not installed."""
    import tempfile
    from pathlib import Path

    import fasttext  # pyright: ignore[reportMissingImports] # only where somebody installed it

    with tempfile.TemporaryDirectory() as folder:
        heads = {}
        for head in ("request", "category", "grave"):
            file = Path(folder) / head
            file.write_text("".join(_labelled(train, head)), encoding="utf-8")
            heads[head] = fasttext.train_supervised(
                str(file), dim=32, epoch=30, lr=0.5, wordNgrams=3, thread=1, verbose=0
            )

    def guess(text: str) -> Guess:
        spaced = " ".join(text.replace("\n", " ")) + "\n"
        said = {h: m.f.predict(spaced, 1, 0.0, "strict")[0][1][9:] for h, m in heads.items()}
        return Guess(
            request=said["request"] == "True",
            category=said["category"],
            emergency=said["grave"] == "True",
        )

    return guess


def _labelled(train: Sequence[Example], head: str):
    for e in train:
        label = {
            "request": str(e.intent is Intent.REQUEST),
            "grave": str(e.urgency is Urgency.EMERGENCY),
            "category": e.categories[0] if e.categories else None,
        }[head]
        if label and (head != "category" or e.intent is Intent.REQUEST):
            yield f"__label__{label} " + " ".join(e.text.replace("\n", " ")) + "\n"


def ours(_train: Sequence[Example]) -> Recipe:
    """The reader that is in the product."""
    read = default_reader().read

    def guess(text: str) -> Guess:
        reading = read(text, None)
        return Guess(
            request=reading.is_request,
            category=reading.categories[0][0] if reading.categories else None,
            emergency=reading.urgency is Urgency.EMERGENCY,
        )

    return guess


RECIPES = {
    "Xiaoge's reader": ours,
    "char TF-IDF + LinearSVC": char_svm,
    "jieba + TF-IDF + logistic regression": jieba_logistic,
    "fastText on characters": fast_text,
    "list of 40 keywords": keyword_list,
}


def scores(rounds: int) -> list[Score]:
    """Every recipe, trained, judged and timed; the timing goes round by round."""
    train, test = parts()
    made: dict[str, tuple[Recipe, float]] = {}
    for name, recipe in RECIPES.items():
        began = time.perf_counter()
        try:
            made[name] = (recipe(train), time.perf_counter() - began)
        except ImportError:
            print(f"  {name}: not installed, left out")
    times: dict[str, list[float]] = {name: [] for name in made}
    names = list(made)
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            times[name] += _timed(made[name][0], test)
    return [_score(n, guess, test, times[n], took) for n, (guess, took) in made.items()]


def _timed(guess: Recipe, test: Sequence[Example]) -> list[float]:
    clock = time.process_time
    found = []
    for example in test:
        began = clock()
        guess(example.text)
        found.append(clock() - began)
    return found


def _score(
    name: str, guess: Recipe, test: Sequence[Example], times: list[float], took: float
) -> Score:
    said = [guess(e.text) for e in test]
    asked = [e.intent is Intent.REQUEST for e in test]
    right = sum(g.request and a for g, a in zip(said, asked, strict=True))
    precision = right / max(sum(g.request for g in said), 1)
    recall = right / sum(asked)
    grave = [g for g, e in zip(said, test, strict=True) if e.urgency is Urgency.EMERGENCY]
    known = [(g, e) for g, e in zip(said, test, strict=True) if e.intent is Intent.REQUEST]
    return Score(
        name=name,
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / max(precision + recall, 1e-9),
        emergency=sum(g.emergency for g in grave) / len(grave),
        captured=sum(g.request for g in grave) / len(grave),
        category=sum(g.category in e.categories for g, e in known) / len(known),
        micros=float(np.median(times)) * 1e6,
        p99=float(np.quantile(times, 0.99)) * 1e6,
        train_s=took,
    )


def text(found: Sequence[Score]) -> str:
    """The table as it is printed."""
    train, test = parts()
    grave = sum(e.urgency is Urgency.EMERGENCY for e in test)
    asked = sum(e.intent is Intent.REQUEST for e in test)
    lines = [
        (
            f"\nReading: {len(test)} unseen single messages ({asked} requests, {grave} emergencies), "
            f"{len(train)} to train on; CPU µs, load {os.getloadavg()[0]:.2f}"
        ),
        HEAD,
        *(score.text() for score in found),
        "  category: of the requests, any acceptable one; em.recall: emergencies called so",
        "  messages of the test part whose meaning needs the ones before are among them: nobody has those",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(text(scores(5 if "--long" in sys.argv else 2)))
