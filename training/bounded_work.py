"""What web processes compute of trainings, in children within limits. Free of torch.

One room for all of it: who waits for a preview waits for predictions, too.
"""

from dataclasses import replace

from operations.bounded.children import Children
from operations.bounded.room import Room
from operations.bounded.work import Work

ROOM = Room(Children("training.bounded_work.prepare"))

PREVIEW = Work(
    name="preview",
    function="training.launch.preview_process.answer",
    seconds=60,  # a million rows of 15 features took 14 s on a busy machine
    memory_mb=2_000,
    newest_counts=True,
)
TYPED_SETS = Work(
    name="drawing of fuzzy sets",
    function="training.launch.preview_process.sets",
    seconds=5,  # again at each pause of who types: a million rows take half a second
    memory_mb=1_000,
    newest_counts=True,
)
PREDICTION = Work(
    name="prediction",
    function="training.trained.prediction_process.answer",
    seconds=10,
    memory_mb=512,
    newest_counts=False,
)
ACCOUNT = Work(
    name="account",
    function="training.trained.account_process.answer",
    seconds=20,
    memory_mb=1_000,
    newest_counts=False,
)
ACCOUNT_TABLE = replace(
    ACCOUNT, name="file of an account", function="training.trained.account_process.table"
)
SETS = replace(
    ACCOUNT, name="picture of fuzzy sets", function="training.trained.sets_process.answer"
)
RULES = replace(ACCOUNT, name="rules", function="training.trained.rules_process.answer")
PREDICTION_TABLE = Work(
    name="table of predictions",
    function="training.tables.process.predictions",
    seconds=60,
    memory_mb=1_000,
    newest_counts=False,
)
TABLE_PAGE = Work(
    name="page of a table",
    function="training.tables.process.page",
    seconds=20,
    memory_mb=1_000,
    newest_counts=False,
)
TABLE = replace(TABLE_PAGE, name="table", function="training.tables.process.file", seconds=60)
METRICS_TABLE = replace(TABLE, name="table of metrics", function="training.tables.process.metrics")
CONFIDENCE = replace(
    ACCOUNT, name="picture of confidence", function="training.trained.confidence_process.answer"
)
PRICE = replace(ACCOUNT, name="price", function="training.trained.price_process.price")
BAR = replace(ACCOUNT, name="bar", function="training.trained.price_process.bar")
EXPLANATION = replace(ACCOUNT, name="explanation", function="training.explaining.process.answer")
CANDLES = Work(
    name="chart",
    function="training.market_data.looking.process.candles",
    seconds=20,
    memory_mb=1_000,  # 5,000,000 rows, compared with their fingerprint, take 0.3 GB
    newest_counts=False,
)
ROWS = replace(CANDLES, name="page of bars", function="training.market_data.looking.process.rows")
EXPORT = replace(
    CANDLES,
    name="file of bars",
    function="training.market_data.looking.process.export",
    seconds=60,
)
UPLOAD_PREVIEW = Work(
    name="preview of an upload",
    function="training.uploads.process.preview",
    seconds=120,
    memory_mb=1_500,
    newest_counts=True,
)
IMPORT = Work(
    name="import",
    function="training.uploads.process.store",
    seconds=120,
    memory_mb=1_500,
    newest_counts=False,
    writes=True,
)
UPLOAD_PREVIEWS = Room(ROOM.children, running=1, waiting=8, patience_seconds=30)
"""One upload is read at a time, beside what is computed in `ROOM` …"""
IMPORTS = Room(ROOM.children, running=1, waiting=1_000, patience_seconds=3_600)
"""… and one stored; the others wait for their turn, and nobody for them."""


def prepare() -> None:
    """Load what every child would begin with: 2 s of one processor, 0.2 GB.

    Nothing that starts threads: they would be missing in a child.
    """
    import gc

    import numpy as np

    from training.explaining import process as explaining  # noqa: F401
    from training.features import cache
    from training.features.assembly import load_histories
    from training.features.labels.volatility import log_returns
    from training.launch import preview_process  # noqa: F401
    from training.launch.preview_sets import sets_over_bars
    from training.market_data.looking import process  # noqa: F401
    from training.market_data.samples import load_sample
    from training.strategy import Strategy, find_strategy
    from training.tables import process as tables  # noqa: F401
    from training.trained import (  # noqa: F401
        account_process,
        confidence_process,
        prediction_process,
        price_process,
        rules_process,
        sets_process,
    )
    from training.uploads import process as uploads  # noqa: F401

    cache.code_version()
    strategy = Strategy.from_snapshot(find_strategy("sp500_daily").load().strategy.snapshot())
    histories = load_histories(
        strategy, load_bars=lambda symbol, timeframe, end=None: load_sample(symbol, timeframe)
    )
    sets_over_bars(strategy, histories)  # compiled code is loaded once here, not by each child
    log_returns(np.ones(2))  # numba prepares itself at the first call, in 0.5 s
    gc.collect()
    gc.freeze()
