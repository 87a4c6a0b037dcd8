"""Files that tempt a reader to guess: what has to be read of each, or why it is refused."""

from tests.training.market_data.difficult_columns import COLUMNS
from tests.training.market_data.difficult_rows import ROWS
from tests.training.market_data.difficult_series import SERIES
from tests.training.market_data.difficult_times import TIMES
from tests.training.market_data.difficult_zones import ZONES

DIFFICULT = (*TIMES, *COLUMNS, *ROWS, *SERIES, *ZONES)
