"""What can be wrong with the data or the strategy once they meet."""

from operations.errors import DomainError


class TooFewBars(DomainError):
    """
    {symbol} has {num_bars} bars of {timeframe} between the dates, warm-up included, and none is
    left to train on once the indicators have settled, which takes {settle_length} of them. Import
    more data, choose other dates, or use shorter periods.
    """

    code = "too_few_bars"
    status = 422


class TooFewBarsToPredict(TooFewBars):
    """
    There is no bar of {symbol} that the model can decide on: {num_bars} bars of {timeframe} are
    there, and it needs {needed} up to the first decision ({reason}). Import a longer history, or
    give a longer file: one that joins the stored history can be short.
    """


class PriceNotPositive(DomainError):
    """
    {symbol} has prices of 0 or below among the {timeframe} bars that would be used, {num_bars} of
    them: {dates}. Returns and indicators mean nothing there: choose other dates.
    """

    code = "price_not_positive"
    status = 422


class IndicatorNotFinite(DomainError):
    """
    {indicator} has no value on the bar of {time} ({symbol}, {timeframe}), although it has settled
    by then. Look at that bar's prices and volume, or at what the indicator divides by.
    """

    code = "indicator_not_finite"
    status = 422


class TooFewTrainingRows(DomainError):
    """
    {symbols} would not be trained: of the {least} training rows that each symbol needs, {counts}.
    They are the bars before {cut} on which its indicators have settled and whose labels, up to
    {horizon} bars later, end before then. Leave it out, import more of its history, or let the
    validation part begin later.
    """

    code = "symbol_not_trained"
    status = 422


class TooFewEvents(DomainError):
    """
    {symbols} would hardly be trained: of the {least} training rows with a label that each symbol
    needs, {counts}. A row has one where the CUSUM filter fires, if there is one, and where prices
    have moved before. Choose a lower cusum_threshold or other dates, or leave it out.
    """

    code = "too_few_events"
    status = 422


class EmptyPart(DomainError):
    """
    The {part} part has no rows: {num_rows} rows from {first} to {last} were split, and a row counts
    only if its label ends within its part{needs}. Use more data, another data_split, or a shorter
    horizon, embargo or sequence.
    """

    code = "empty_part"
    status = 422


class MissingClass(DomainError):
    """
    The training part has no row of class {missing}: {balance}. A network cannot learn a class that
    it never sees. Change the labels' multipliers, threshold or horizon, or the dates.
    """

    code = "missing_class"
    status = 422
