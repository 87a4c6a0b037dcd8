"""A file of the same shape is read as the one before it; of another shape nothing is remembered."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.training.market_data.expecting import options_of
from tests.training.market_data.writing import HEADER, HOUR, Row, csv, local, plain, rows
from training.market_data import MarketDataInvalid
from training.market_data.reading.read import read_bars
from training.market_data.reading.record import About, By, Reading
from training.strategy.values import Timeframe

NEW_YORK = "America/New_York"
DMY, ISO = "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S"
JANUARY, FEBRUARY = rows("2024-01-02", step=HOUR), rows("2024-02-01", step=HOUR)
TICKS = "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>"


def read(
    folder: Path,
    content: bytes,
    *known: Reading,
    options: str = "",
    timeframe: Timeframe = "1h",
) -> Reading:
    path = folder / "prices.csv"
    path.write_bytes(content)
    _, report = read_bars(path, timeframe=timeframe, options=options_of(options), remembered=known)
    assert report.reading is not None
    return report.reading


def of(reading: Reading, about: About) -> tuple[object, By]:
    decision = reading.decided(about)
    assert decision is not None
    return decision.value, decision.by


def hours(form: str, bars: Sequence[Row]) -> bytes:
    return csv(HEADER, plain(form), bars)


def ticks(bars: Sequence[Row], volume: int) -> bytes:
    return csv(
        TICKS,
        lambda row: (f"{row.time:%Y.%m.%d}", f"{row.time:%H:%M}", *row.prices, row.volume, volume),
        bars,
        mark="\t",
    )


def test_zone_and_stamps_are_remembered(tmp_path: Path) -> None:
    first = read(tmp_path, hours(ISO, JANUARY), options=f"--timezone {NEW_YORK} --stamps close")
    again = read(tmp_path, hours(ISO, FEBRUARY), first)
    assert of(again, About.TIMEZONE) == (NEW_YORK, By.MEMORY)
    assert of(again, About.STAMPS) == ("close", By.MEMORY)
    assert of(read(tmp_path, hours(ISO, FEBRUARY), again), About.TIMEZONE)[1] == By.MEMORY


def test_what_one_file_proves_decides_about_the_next_one(tmp_path: Path) -> None:
    content = hours(DMY, rows("2024-01-20", step=HOUR))
    known = read(tmp_path, content)
    assert of(known, About.DATES) == ("dmy", By.PROOF)
    assert of(read(tmp_path, hours(DMY, JANUARY), known), About.DATES) == ("dmy", By.MEMORY)


def test_a_proof_that_contradicts_memory_is_refused_with_both(tmp_path: Path) -> None:
    known = read(tmp_path, hours(DMY, rows("2024-01-20", step=HOUR)))
    american = hours("%m/%d/%Y %H:%M", rows("2024-01-20", step=HOUR))
    with pytest.raises(
        MarketDataInvalid, match=r"it shows --dates mdy, and earlier .* --dates dmy"
    ):
        read(tmp_path, american, known)
    said = read(tmp_path, american, known, options="--dates mdy")
    assert of(said, About.DATES) == ("mdy", By.OPTION)


def test_an_option_decides_over_memory(tmp_path: Path) -> None:
    known = read(tmp_path, hours(ISO, JANUARY), options=f"--timezone {NEW_YORK}")
    said = read(tmp_path, hours(ISO, FEBRUARY), known, options="--timezone UTC")
    assert of(said, About.TIMEZONE) == ("UTC", By.OPTION)


@pytest.mark.parametrize(
    "content",
    [
        hours(ISO, FEBRUARY).replace(b",", b";"),
        hours("%Y-%m-%d %H:%M:%S+00:00", FEBRUARY),
        hours(ISO, FEBRUARY).replace(b"Close", b"Last"),
        csv(HEADER, lambda row: (int(row.time.timestamp()), *row.prices, row.volume), FEBRUARY),
    ],
    ids=["delimiter", "offset", "name", "form"],
)
def test_of_another_shape_nothing_is_remembered_and_that_is_said(
    content: bytes, tmp_path: Path
) -> None:
    known = read(tmp_path, hours(ISO, JANUARY), options=f"--timezone {NEW_YORK} --stamps close")
    other = read(tmp_path, content, known)
    assert of(other, About.STAMPS) == ("open", By.DEFAULT)
    assert of(other, About.TIMEZONE) in [("UTC", By.DEFAULT), (None, By.PROOF)]
    assert "nothing of how they were read was used" in str(other.decided(About.CONTAINER))


def test_a_column_is_chosen_once(tmp_path: Path) -> None:
    known = read(tmp_path, ticks(JANUARY, 0))
    assert of(known, About.COLUMNS)[0]["volume"] == "<TICKVOL>"  # type: ignore[index]
    again = read(tmp_path, ticks(FEBRUARY, 5), known)
    value, by = of(again, About.COLUMNS)
    assert value["volume"] == "<TICKVOL>"  # type: ignore[index]
    assert by == By.MEMORY
    assert of(read(tmp_path, ticks(FEBRUARY, 5)), About.COLUMNS)[0]["volume"] == "<VOL>"  # type: ignore[index]


def test_the_newest_reading_of_the_same_shape_counts(tmp_path: Path) -> None:
    older = read(tmp_path, hours(ISO, JANUARY), options=f"--timezone {NEW_YORK}")
    newer = read(tmp_path, hours("%d.%m.%Y %H:%M", JANUARY), options="--timezone Europe/Berlin")
    assert of(read(tmp_path, hours(ISO, FEBRUARY), newer, older), About.TIMEZONE)[0] == NEW_YORK


def test_a_reading_is_stored_and_read_back(tmp_path: Path) -> None:
    reading = read(tmp_path, ticks(JANUARY, 0))
    assert Reading.from_json(reading.as_json()) == reading
    assert Reading.from_json({"timezone": NEW_YORK}) is None


def test_the_same_file_is_read_the_same_way(tmp_path: Path) -> None:
    assert read(tmp_path, ticks(JANUARY, 0)) == read(tmp_path, ticks(JANUARY, 0))


def test_local_times_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(csv(HEADER, plain(ISO, NEW_YORK), JANUARY))
    _, report = read_bars(path, timeframe="1h", options=options_of(f"--timezone {NEW_YORK}"))
    assert report.first == "2024-01-02"
    assert report.first_written == local(JANUARY[0], NEW_YORK, ISO)
