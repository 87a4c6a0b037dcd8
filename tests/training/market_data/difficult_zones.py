"""Lines beside a table that say the zone of its times."""

from tests.training.market_data.difficulties import (
    DAYS,
    HOURS,
    ISO_CLOCK,
    NEW_YORK,
    refused,
    taken,
)
from tests.training.market_data.writing import HEADER, csv, plain

LOCAL = csv(HEADER, plain(ISO_CLOCK, NEW_YORK), HOURS)
IN_UTC = csv(HEADER, plain(ISO_CLOCK), HOURS)
ASKS = "say --timezone ZONE"

ZONES = (
    *(
        taken(f"says: {line}", line.encode() + b"\n" + LOCAL, HOURS, "as line 1 says", "1h")
        for line in (
            "# Timezone: America/New_York",
            "#timezone=America/New_York",
            "Time zone is America/New_York.",
            '"Timezone","America/New_York"',
            "# All times are in America/New_York",
            "# UTC offset: -05:00",
            "TZ: UTC-5",
            "# times in GMT-0500 (New York)",
        )
    ),
    *(
        taken(
            f"column: {name}",
            LOCAL.replace(b"Date", name.encode()),
            HOURS,
            "as the name of their column says",
            "1h",
        )
        for name in ("Time (UTC-5)", "Date GMT-05:00", "time [utc -5]")
    ),
    taken("column_utc", IN_UTC.replace(b"Date", b"Time (UTC)"), HOURS, "read in UTC, as", "1h"),
    taken("says_utc", b"# Timezone: UTC\n" + IN_UTC, HOURS, "as line 1 says", "1h"),
    taken(
        "says_it_below", LOCAL + b"# Timezone: America/New_York\n", HOURS, "as line 42 says", "1h"
    ),
    *(
        refused(f"asks: {line}", line.encode() + b"\n" + LOCAL, ASKS, "1h")
        for line in (
            "# Timezone: EST",
            "# Timezone: exchange",
            "# Times are Eastern",
            "Zeitzone: MEZ",
            "# Timezone:",
        )
    ),
    refused("two", b"# Timezone: UTC\n# tz: Europe/Berlin\n" + IN_UTC, ASKS, "1h"),
    refused(
        "another_than_the_column",
        b"# Timezone: Europe/Berlin\n" + IN_UTC.replace(b"Date", b"Gmt time"),
        ASKS,
        "1h",
    ),
    taken(
        "said_all_the_same",
        b"# Timezone: EST\n" + LOCAL,
        HOURS,
        f"read in {NEW_YORK}",
        "1h",
        f"--timezone {NEW_YORK}",
    ),
    taken("no_zone", b"# Exported at time 2024-01-02 10:00 EST\n" + IN_UTC, HOURS, "", "1h"),
    taken(
        "of_dates",
        b"# Timezone: EST\n" + csv(HEADER, plain("%Y-%m-%d"), DAYS),
        DAYS,
        "dates need no zone; line 1 (Timezone: EST) is not used",
    ),
)
