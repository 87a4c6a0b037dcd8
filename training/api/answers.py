"""The shapes of a training's answers, for the description only."""

from rest_framework import serializers

from operations.reading.as_json import WholeOperation
from training.market_data.reading.record import About, By
from training.models import ImportKind
from training.strategy.converting.draft import Kind
from training.strategy.values import CLASSES
from training.trained.notes import NoteCode
from training.uploads.folder import Status as UploadStatus


class CarriedOver(serializers.Serializer[None]):
    part = serializers.CharField()
    fate = serializers.CharField(help_text="carried, reset, …, in words.")


class BranchedOperation(WholeOperation):
    carried_over = CarriedOver(many=True, help_text="What it takes over from its parent.")

    class Meta(WholeOperation.Meta):
        fields = [*WholeOperation.Meta.fields, "carried_over"]


class LedgerLine(serializers.Serializer[None]):
    identity = serializers.CharField(help_text="Of symbols, timeframe, range and returns.")
    symbols = serializers.ListField(
        child=serializers.CharField(), help_text="In the order of the alphabet."
    )
    timeframe = serializers.CharField(help_text="Of the bars that were traded.")
    first_time = serializers.IntegerField(help_text="Open of the first bar, Unix seconds.")
    end_time = serializers.IntegerField(help_text="When the last bar had ended, Unix seconds.")
    num_returns = serializers.IntegerField(
        allow_null=True, help_text="Null of what version 0.1.0 scored, as the moments are."
    )
    sharpe = serializers.FloatField(allow_null=True, help_text="Of one return, not annual.")
    skewness = serializers.FloatField(allow_null=True, help_text="Of the returns.")
    kurtosis = serializers.FloatField(allow_null=True, help_text="Of the returns; a normal has 3.")
    look = serializers.CharField(help_text="Lines that share it count as one look.")
    times_scored = serializers.IntegerField(
        help_text="Looks at this range or a part of it by now, by anybody; this one among them."
    )
    deflated_sharpe = serializers.FloatField(
        allow_null=True, help_text="What the ratio is worth after so many looks."
    )
    minimum_track_record = serializers.FloatField(
        allow_null=True, help_text="Years that it would have to hold to be told from luck at 95 %."
    )
    operation_id = serializers.CharField(help_text="Whose result it was first: may be gone.")
    owner = serializers.CharField(allow_blank=True, help_text="Its owner then.")
    scored_at = serializers.DateTimeField(help_text="When that was first scored.")


class ShownStrategy(serializers.Serializer[None]):
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    symbols = serializers.ListField(child=serializers.CharField())
    timeframes = serializers.ListField(child=serializers.CharField())
    model = serializers.CharField()
    epochs = serializers.IntegerField()


class WholeStrategy(ShownStrategy):
    yaml = serializers.CharField(help_text="The file.")
    strategy = serializers.JSONField(help_text="With every default filled in.")


class StrategyFault(serializers.Serializer[None]):
    path = serializers.CharField(allow_blank=True)
    pointer = serializers.CharField(allow_blank=True)
    line = serializers.IntegerField(allow_null=True)
    message = serializers.CharField()


class StrategyChange(serializers.Serializer[None]):
    path = serializers.CharField(allow_blank=True)
    line = serializers.IntegerField(allow_null=True, help_text="Of the text that was sent.")
    kind = serializers.ChoiceField(
        [kind.value for kind in Kind],
        help_text="changed or removed; written: KTRDR's default, which differs; differs: whatever "
        "is written.",
    )
    message = serializers.CharField()


class Validation(serializers.Serializer[None]):
    valid = serializers.BooleanField(help_text="With `convert`, of what it was converted to.")
    faults = StrategyFault(many=True)
    warnings = StrategyFault(many=True)
    yaml = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="With `convert`: the strategy in this grammar; null where it has faults.",
    )
    changes = StrategyChange(
        many=True, required=False, help_text="With `convert`: every difference."
    )


class DataGap(serializers.Serializer[None]):
    after = serializers.CharField(help_text="Open of the last bar before it, UTC.")
    before = serializers.CharField()
    num_missing = serializers.IntegerField()


class DataShape(serializers.Serializer[None]):
    container = serializers.CharField()
    delimiter = serializers.CharField(allow_null=True, trim_whitespace=False)
    names = serializers.ListField(child=serializers.CharField(), help_text="Of its columns.")
    time_form = serializers.CharField()


class DataDecision(serializers.Serializer[None]):
    about = serializers.ChoiceField([about.value for about in About])
    value = serializers.JSONField(
        allow_null=True, help_text="What was decided, as the option of that name says it."
    )
    by = serializers.ChoiceField([by.value for by in By])
    words = serializers.CharField()


class DataReading(serializers.Serializer[None]):
    shape = DataShape(
        allow_null=True, help_text="A file of the same shape is read so again; null of several."
    )
    decisions = DataDecision(many=True, help_text="Everything that was decided about the file.")


class ImportedData(serializers.Serializer[None]):
    symbol = serializers.CharField()
    timeframe = serializers.CharField()
    fingerprint = serializers.CharField()
    is_sample = serializers.BooleanField(help_text="Ships with KTRDR.")
    rows = serializers.IntegerField()
    first = serializers.CharField(help_text="Open of the first bar, UTC.")
    last = serializers.CharField()
    num_gaps = serializers.IntegerField()
    gaps = DataGap(many=True, help_text="The longest ones.")
    duplicates_removed = serializers.IntegerField()
    rows_moved = serializers.IntegerField()
    day_ends = serializers.IntegerField(
        help_text="Seconds after midnight UTC at which days that are dated by their date have "
        "ended: 18,000 of New York."
    )
    day_closes = serializers.IntegerField(
        help_text="Seconds from midnight UTC, 0 or less, at which the first of such days had ended "
        "already: -32,400 of Tokyo. Beside shorter bars they see no later ones."
    )
    first_written = serializers.CharField(
        allow_null=True, help_text="What the file's clock showed at the first bar; null of samples."
    )
    last_written = serializers.CharField(allow_null=True)
    reading = DataReading(
        allow_null=True, help_text="How the file was read; null where it was not recorded."
    )
    notes = serializers.ListField(child=serializers.CharField())


class SeriesImport(serializers.Serializer[None]):
    number = serializers.IntegerField(help_text="Counts from 1 in each series.")
    kind = serializers.ChoiceField(list(ImportKind))
    symbol = serializers.CharField()
    timeframe = serializers.CharField()
    fingerprint = serializers.CharField(help_text="Of the series from then on.")
    rows = serializers.IntegerField(help_text="Of the series from then on.")
    words = serializers.ListField(
        child=serializers.CharField(), help_text="What it did to the series, as sentences."
    )
    based_on = serializers.IntegerField(
        allow_null=True, help_text="Number of the import that an undo of this one goes back to."
    )
    back_to = serializers.IntegerField(
        allow_null=True, help_text="Of an undo: number of the import whose bars count again."
    )
    is_kept = serializers.BooleanField(help_text="Whether its bars are stored still.")
    by = serializers.CharField(allow_blank=True, help_text="Who did it.")
    at = serializers.DateTimeField()


class ForgottenSeries(serializers.Serializer[None]):
    symbol = serializers.CharField()
    timeframe = serializers.CharField()
    imports = serializers.IntegerField(help_text="How many there were.")


class Bar(serializers.Serializer[None]):
    time = serializers.CharField(help_text="Of its open, UTC.")
    open = serializers.FloatField()
    high = serializers.FloatField()
    low = serializers.FloatField()
    close = serializers.FloatField()
    volume = serializers.FloatField()


class TableRow(serializers.DictField):
    """Values by the names of their columns."""


class Prediction(serializers.Serializer[None]):
    """Probabilities of a classification, or the predicted return of a regression."""

    time = serializers.CharField(help_text="Open of the bar, UTC.")
    decision = serializers.ChoiceField(
        list(CLASSES), help_text="Made at the bar's close; acted on where `is_event` is true."
    )
    position = serializers.ChoiceField(
        [-1, 0, 1],
        help_text="To be taken at the next open, as the evaluation does: flat before the first bar "
        "of the test part, carried over bars that are no event.",
    )
    is_event = serializers.BooleanField(
        help_text="Whether the model decides on this bar: always, or with `cusum_threshold` where "
        "the filter fires. `since` and pages change neither this nor the position.",
    )
    is_fitted = serializers.BooleanField(
        help_text="Whether the model was fitted on this bar, by training or by the choice of its "
        "best epoch: what it says of it is no forecast."
    )
    probabilities = serializers.DictField(child=serializers.FloatField(), required=False)
    predicted_return = serializers.FloatField(required=False)


class PredictionNote(serializers.Serializer[None]):
    code = serializers.ChoiceField([code.value for code in NoteCode])
    text = serializers.CharField()


class Predictions(serializers.Serializer[None]):
    symbol = serializers.CharField()
    timeframe = serializers.CharField()
    test_since = serializers.CharField(
        help_text="Earlier bars were trained or validated on; of several test runs, the first bar "
        "of all: notes say whether later ones were.",
    )
    notes = PredictionNote(many=True, help_text="What to keep in mind when reading them.")
    predictions = Prediction(many=True)


class Rule(serializers.Serializer[None]):
    rule = serializers.CharField(help_text="As a sentence.")
    premises = serializers.ListField(
        child=serializers.CharField(),
        help_text="Each as a sentence; all of them hold. OTHERWISE and ALWAYS have none.",
    )
    is_otherwise = serializers.BooleanField(
        help_text="Whether it is the rule that is always there, with the strength 0.05."
    )
    outputs = serializers.DictField(
        child=serializers.FloatField(),
        help_text="What it says alone: probabilities by class, or `return`.",
    )
    fires = serializers.FloatField(
        help_text="Share of the training's bars on which its strength is at least 0.01."
    )
    decides = serializers.FloatField(
        help_text="Share of the training's bars on which its strength is the largest."
    )


class UploadProblem(serializers.Serializer[None]):
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = serializers.ListField(  # type: ignore[assignment]
        child=serializers.DictField(child=serializers.CharField())
    )


class ImportedUpload(serializers.Serializer[None]):
    symbol = serializers.CharField()
    timeframe = serializers.CharField()
    number = serializers.IntegerField(help_text="Of the series' newest import.")
    changed = serializers.BooleanField(help_text="False where the same bars were stored already.")
    words = serializers.ListField(
        child=serializers.CharField(), help_text="What it did to the series, as sentences."
    )
    fingerprint = serializers.CharField()
    rows = serializers.IntegerField()
    report = serializers.JSONField(help_text="As `GET data` tells it.")


class ShownUpload(serializers.Serializer[None]):
    id = serializers.CharField()
    name = serializers.CharField(help_text="Of the file.")
    size_bytes = serializers.IntegerField(help_text="0 once it is imported, for it is gone.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    status = serializers.ChoiceField([status.value for status in UploadStatus])
    step = serializers.CharField(allow_null=True, help_text="Of an import: what it is doing.")
    problem = UploadProblem(allow_null=True, help_text="Why it was refused.")
    imported = ImportedUpload(allow_null=True, help_text="What is stored now.")


class OtherReading(Bar):
    option = serializers.CharField()
    value = serializers.CharField()
    last = serializers.CharField(help_text="Of the newest bar's open, UTC.")


class PlanRefusal(serializers.Serializer[None]):
    code = serializers.CharField()
    detail = serializers.CharField()


class ImportPlan(serializers.Serializer[None]):
    kind = serializers.ChoiceField(
        list(ImportKind), allow_null=True, help_text="null where nothing would change."
    )
    words = serializers.ListField(
        child=serializers.CharField(), help_text="What it would do to the series, as sentences."
    )
    rows = serializers.IntegerField(allow_null=True, help_text="Of the series from then on.")
    refused = PlanRefusal(allow_null=True, help_text="Why it would not be imported.")


class UploadPreview(serializers.Serializer[None]):
    report = serializers.JSONField(help_text="As `GET data` would tell it.")
    fingerprint = serializers.CharField()
    rows = Bar(many=True, help_text="The first 20, as they are understood.")
    others = OtherReading(
        many=True, help_text="The first row as other values of an option would have it."
    )
    plan = ImportPlan(help_text="What an import would do to the series.")
