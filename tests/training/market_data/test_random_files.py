"""Random bars in random formats are read back to the bit, or refused with an option that does it.

`FORMATS=5000` tries more of them; `FORMAT_SEED=N` begins at another one.
"""

import os
import re
from pathlib import Path

import pytest

from tests.training.market_data.expecting import bars_of
from tests.training.market_data.random_files import File, random_file
from training.market_data import MarketDataInvalid
from training.market_data.reading.options import Options
from training.market_data.reading.read import read_bars

FORMATS = int(os.environ.get("FORMATS", "100"))
SEED = int(os.environ.get("FORMAT_SEED", "0"))
CHUNKS = 5
ANSWERS = re.compile("--(dates|decimal|columns)")
"""What a file may be refused for that a person can say; zone and stamps are said from the start."""


def is_equal(path: Path, file: File, options: Options) -> bool:
    bars, _ = read_bars(path, timeframe=file.timeframe, options=options)
    expected = bars_of(file.bars)
    days = (bars.day_ends, bars.day_closes)
    return bars.has_rows_of(expected) and days == (file.day_ends, file.day_closes)


def fault_of(folder: Path, seed: int) -> str | None:
    """What is wrong with the reading of a file; None if nothing is."""
    file = random_file(seed)
    path = folder / file.name
    path.write_bytes(file.content)
    told = f"seed {seed}, {file.timeframe}, {file.described}"
    try:
        if is_equal(path, file, file.assumed):
            return None
        return f"READ WRONG: {told}"
    except MarketDataInvalid as error:
        if not ANSWERS.search(str(error)):
            return f"refused without an answer: {told}: {error}"
    try:
        return None if is_equal(path, file, file.known) else f"READ WRONG with its options: {told}"
    except MarketDataInvalid as error:
        return f"refused with its options: {told}: {error}"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_random_file_is_read_to_the_bit_or_asked_about(chunk: int, tmp_path: Path) -> None:
    seeds = range(SEED + chunk, SEED + FORMATS, CHUNKS)
    faults = [fault for seed in seeds if (fault := fault_of(tmp_path, seed))]
    assert not faults, "\n".join([f"{len(faults)} of {len(seeds)}:", *faults[:10]])
