"""Known n-grams: the vectorised look finds what a dictionary of strings would, for any text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import XiaogeError
from handlers.understanding import features
from handlers.understanding.grams import KnownGrams

WORDS = ("厨房水管漏水了", "电梯坏了", "3号楼没水", "aa bb", "謝謝", "😀好")
KNOWN = tuple(dict.fromkeys(g for word in WORDS for g in features.grams(word)))
ANY = st.text(st.characters(exclude_characters="\0", exclude_categories=()), max_size=400)


def _narrow(gram: str) -> bool:
    return max(gram) < "\uffff"


@given(ANY | st.lists(st.sampled_from(WORDS)).map("".join))
@example("")
@example("\ud800水\U0001f600水管\uffff")
@example("\uffff" * 20)
def test_the_rows_are_those_of_the_known_n_grams_as_often_as_they_stand(text: str) -> None:
    row = {gram: 5 + i for i, gram in enumerate(KNOWN)}
    rows, count = KnownGrams(KNOWN, first=5).find(text)
    there = features.grams(text)
    assert count == len(there)
    assert sorted(rows.tolist()) == sorted(row[g] for g in there if g in row and _narrow(g))


def test_tens_of_thousands_of_n_grams_all_have_their_slot() -> None:
    many = [chr(0x4E00 + i // 200) + chr(0x4E00 + i % 200) for i in range(40_000)]
    known = KnownGrams(many)
    for at in range(0, len(many), 997):
        assert known.find(many[at])[0].tolist() == [at]
    assert known.find("水管")[0].tolist() == []


def test_an_n_gram_that_stands_twice_is_refused() -> None:
    with pytest.raises(XiaogeError, match="train them again"):
        KnownGrams(("水", "水"))
