"""The shapes of what tells why models decide, for the description only."""

from rest_framework import serializers

from training.api.answers import PredictionNote
from training.strategy.values import CLASSES


class ExplainedInput(serializers.Serializer[None]):
    id = serializers.CharField(help_text="Of the network's input.")
    of = serializers.CharField(help_text="The indicator, and its output.")
    value = serializers.FloatField(help_text="Of the indicator.")
    input = serializers.FloatField(help_text="What the network sees: a membership, or scaled.")
    is_membership = serializers.BooleanField(help_text="Else it is a scaled value.")


class ExplainedValue(serializers.Serializer[None]):
    name = serializers.CharField(help_text="Of one output of the indicator.")
    value = serializers.FloatField(help_text="On the bar.")
    median = serializers.FloatField(help_text="Of the symbol's training rows.")


class ExplainedChange(serializers.Serializer[None]):
    group = serializers.CharField(help_text="An indicator with its timeframe.")
    values = ExplainedValue(many=True)
    change = serializers.DictField(
        child=serializers.FloatField(),
        help_text="The output less the one with this indicator at its median, by output.",
    )


class ExplainedRule(serializers.Serializer[None]):
    rule = serializers.CharField(help_text="As `rules` prints it, without what it says.")
    share = serializers.FloatField(help_text="Of the strengths of all rules.")
    adds = serializers.DictField(
        child=serializers.FloatField(),
        help_text="To each output before the softmax, or to the return: all rules sum to it.",
    )


class Explanation(serializers.Serializer[None]):
    symbol = serializers.CharField()
    timeframe = serializers.CharField()
    time = serializers.CharField(help_text="Open of the bar, UTC.")
    decision = serializers.ChoiceField(CLASSES, help_text="At its close.")
    output = serializers.DictField(
        child=serializers.FloatField(), help_text="Probabilities by class, or `return`."
    )
    at_medians = serializers.DictField(
        child=serializers.FloatField(),
        help_text="The output where every indicator has the median of its training rows.",
    )
    changes = ExplainedChange(many=True, help_text="The largest first.")
    together = serializers.DictField(
        child=serializers.FloatField(),
        help_text="What is left: what indicators do only together, or several alike.",
    )
    rules = ExplainedRule(
        many=True, help_text="Of a model of rules, the strongest first; else none."
    )
    inputs = ExplainedInput(many=True, help_text="What the network sees of the bar.")
    rows = serializers.IntegerField(help_text="Of the window, each of them replaced.")
    notes = PredictionNote(many=True, help_text="What to keep in mind when reading it.")


class MeasuredGroup(serializers.Serializer[None]):
    group = serializers.CharField(help_text="An indicator with its timeframe.")
    rise = serializers.FloatField(help_text="Of the mean loss, where its inputs are shuffled.")
    standard_error = serializers.FloatField(help_text="Of the rise, over blocks of rows.")
    changed = serializers.FloatField(help_text="Share of the decisions that become others.")


class Importance(serializers.Serializer[None]):
    model_id = serializers.IntegerField(help_text="Whose inputs they are.")
    part = serializers.ChoiceField(["validation", "test"], help_text="Whose rows are scored.")
    measure = serializers.CharField(help_text="The loss: cross-entropy, or squared error.")
    loss = serializers.FloatField(help_text="Mean over the rows, with nothing shuffled.")
    rows = serializers.IntegerField(help_text="That are scored: at most 4,000.")
    blocks = serializers.IntegerField(help_text="In which they lie.")
    block_bars = serializers.IntegerField(help_text="As far as the labels look ahead.")
    repeats = serializers.IntegerField(help_text="How often each was shuffled.")
    seed = serializers.IntegerField(help_text="Of the order of blocks.")
    groups = MeasuredGroup(many=True, help_text="The largest rise first.")
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="What to keep in mind when reading it."
    )


class ImportanceState(serializers.Serializer[None]):
    operation_id = serializers.CharField(allow_null=True, help_text="What measures it.")
    status = serializers.CharField(allow_null=True, help_text="Of that operation.")
    importance = Importance(allow_null=True, help_text="Null until that has completed.")


class MembershipNumbers(serializers.Serializer[None]):
    name = serializers.CharField(help_text="As the strategy has it.")
    type = serializers.ChoiceField(
        ["trapezoidal", "gaussian"], help_text="A triangle is the first."
    )
    before = serializers.ListField(
        child=serializers.FloatField(), help_text="As the strategy has it."
    )
    after = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="Null of what is not learned."
    )


class FuzzySetNumbers(serializers.Serializer[None]):
    id = serializers.CharField(help_text="The fuzzy set, with its timeframe.")
    of = serializers.CharField(help_text="The indicator's value that it is of.")
    is_learned = serializers.BooleanField(help_text="Whether its memberships moved in training.")
    memberships = MembershipNumbers(many=True, help_text="Each with its corners.")
