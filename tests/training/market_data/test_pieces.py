"""A large text is parsed piece by piece, its last lines first: with the rows of one piece."""

from pathlib import Path

import polars as pl
import pytest

from training.market_data.reading import texts
from training.market_data.reading.ledger import Ledger
from training.market_data.reading.options import NOTHING_SAID

HEADER = "Date,Open,High,Low,Close,Note\n"
ROWS = {
    "plain": "".join(f"2024-01-{day:02},1,2,0.5,1.5,{day}\n" for day in range(1, 30)),
    "without a last line end": "2024-01-01,1,2,0.5,1.5,a\n2024-01-02,1,2,0.5,1.5,b",
    "other line ends": "2024-01-01,1,2,0.5,1.5,a\r\n2024-01-02,1,2,0.5,1.5,b\r\n" * 9,
    "blank lines": "2024-01-01,1,2,0.5,1.5,a\n\n\n2024-01-02,1,2,0.5,1.5,b\n\n" * 9,
    "short lines": "2024-01-01,1,2,0.5,1.5\n2024-01-02,1,2\n2024-01-03,1,2,0.5,1.5,c\n" * 9,
    "line ends within quotes": '"2024-01-01",1,2,0.5,1.5,"one\ntwo\nthree"\n' * 9,
    "quotes within quotes": '2024-01-01,1,2,0.5,1.5,"a ""b""\n"\n2024-01-02,1,2,0.5,1.5,c\n' * 9,
    "a line that is longer than a piece": f"2024-01-01,1,2,0.5,1.5,{'a' * 500}\n" * 3,
    "an empty field more": "2024-01-01,1,2,0.5,1.5,a,\n" * 9,
    "no rows": "",
}


def read(path: Path) -> tuple[pl.DataFrame, tuple[str, ...]]:
    table = texts.read_text(path, path.name, Ledger(path.name, NOTHING_SAID))
    return table.frame, table.names


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
def test_pieces_have_the_rows_of_the_whole(
    rows: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bars.csv"
    path.write_bytes((HEADER + rows).encode())
    whole, names = read(path)
    for size in (1, 30, 100):
        monkeypatch.setattr(texts, "_PARSED_BYTES", size)
        frame, again = read(path)
        assert frame.equals(whole)
        assert again == names
