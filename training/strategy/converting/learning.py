"""`model` and `training`: what is learned, and how."""

from collections.abc import Mapping
from typing import Any

from training.strategy.converting.draft import Data, Draft, Kind
from training.strategy.faults import Location
from training.strategy.synonyms import meant, plain

TRAINING: Location = ("training",)
LABELS: Location = (*TRAINING, "labels")
SCHEDULER: Location = (*TRAINING, "lr_scheduler")
STOPPING: Location = (*TRAINING, "early_stopping")
SPLIT: Location = (*TRAINING, "data_split")
MODEL: Location = ("model",)

SOURCES = ("triple_barrier", "zigzag", "forward_return")
SCHEDULES = ("none", "step", "exponential", "plateau", "cosine", "one_cycle")
NO_LABELS = "labels {word} are not learned here: use {known}"
IGNORED_LABEL_KEYS = ("profit_target_atr", "stop_loss_atr", "max_holding_bars", "atr_period")

ZIGZAG_NAMES: Mapping[str, str] = {
    "zigzag_threshold": "threshold",
    "min_change": "threshold",
    "label_lookahead": "lookahead",
}
DEFAULTS: Mapping[str, Mapping[str, tuple[Any, Any]]] = {
    "zigzag": {"threshold": (0.02, 0.025), "lookahead": (10, 20)},
    "triple_barrier": {
        "sl_multiplier": (1.5, 2.0),
        "max_holding_period": (50, 10),
    },
    "forward_return": {},
}
"""By labels and key: KTRDR's value where none is written, and the one here."""
SAME_DEFAULTS = {"triple_barrier": {"pt_multiplier": 2.0}}
"""Written with the others, so that a file has them all."""


def convert_model(draft: Draft) -> None:
    """The network; what has no effect is removed with other unknown keys."""
    if isinstance(draft.data.get("model"), str):
        draft.put(draft.data, (), "model", {"type": draft.data["model"]})
    model = draft.section(*MODEL)
    draft.without_nulls(model, MODEL)
    architecture = model.get("architecture")
    if isinstance(architecture, list):
        model["architecture"] = {"hidden_layers": architecture}
        draft.tell(Kind.CHANGED, (*MODEL, "architecture"), "is hidden_layers here")


def convert_training(draft: Draft) -> None:
    """The whole section."""
    training = draft.made("training")
    _labels(draft, training)
    draft.without_nulls(training, TRAINING)
    _optimizer(draft, training)
    _scheduler(draft, training)
    _early_stopping(draft, training)
    _class_weights(draft, training)
    _loss(draft, training)
    if training.get("gradient_clip") in (0, 0.0, False):
        draft.remove(training, TRAINING, "gradient_clip", "null, the default, clips nothing")
    if "validation_split" in training:
        draft.remove(training, TRAINING, "validation_split", "data_split says how rows are split")
    _split(draft, training)


def _labels(draft: Draft, training: Data) -> None:
    given = training.get("labels")
    if isinstance(given, list) and len(given) == 1:
        draft.put(training, TRAINING, "labels", given[0])
        given = given[0]
    if isinstance(given, str):
        training["labels"] = given = {"source": given}
        draft.tell(Kind.CHANGED, LABELS, f"is source: {given['source']} here")
    if not given:
        wants_returns = draft.section("decisions").get("output_format") == "regression"
        given = {"source": "forward_return" if wants_returns else "zigzag"}
        training["labels"] = given
        draft.tell(Kind.WRITTEN, LABELS, f"{given['source']} written, which KTRDR took")
    if not isinstance(given, dict):
        return
    draft.without_nulls(given, LABELS)
    for old in ("type", "method"):
        if "source" not in given:
            draft.rename(given, LABELS, old, "source")
    word = given.get("source")
    source = meant(str(word), SOURCES)
    if source is None:
        known = ", ".join(SOURCES)
        draft.refuse((*LABELS, "source"), NO_LABELS.format(word=word, known=known))
        return
    if source != word:
        draft.put(given, LABELS, "source", source)
    _label_keys(draft, source, given)


def _label_keys(draft: Draft, source: str, given: Data) -> None:
    if source == "zigzag":
        for old, new in ZIGZAG_NAMES.items():
            if old in given and new in given:
                draft.remove(given, LABELS, new, f"KTRDR read {old}")
            draft.rename(given, LABELS, old, new)
    for key in IGNORED_LABEL_KEYS:
        if key in given:
            draft.remove(given, LABELS, key, "KTRDR did not read it, nor does anything here")
    for key, value in SAME_DEFAULTS.get(source, {}).items():
        if key not in given:
            given[key] = value
            draft.tell(Kind.WRITTEN, (*LABELS, key), f"{value} written, the default of both")
    draft.write(given, LABELS, DEFAULTS[source])
    if source == "triple_barrier":
        told = (
            "a label that expires is a hold here, where KTRDR gave a large return a direction; a "
            "training part without any hold is refused: lower max_holding_period then"
        )
        draft.tell(Kind.DIFFERS, LABELS, told)


def _optimizer(draft: Draft, training: Data) -> None:
    given = training.get("optimizer")
    if isinstance(given, dict):
        word = given.get("type", given.get("name"))
        training.pop("optimizer")
        if word is not None:
            training["optimizer"] = word
        for key in ("learning_rate", "weight_decay"):
            if key in given and key not in training:
                training[key] = given[key]
        draft.tell(Kind.CHANGED, (*TRAINING, "optimizer"), "is a word here, its settings beside it")


def _scheduler(draft: Draft, training: Data) -> None:
    given = training.get("lr_scheduler")
    if isinstance(given, bool):
        why = "KTRDR did not pass it on to the training" if given else "none is the default"
        draft.remove(training, TRAINING, "lr_scheduler", why)
        return
    if isinstance(given, str):
        training["lr_scheduler"] = given = {"type": given}
        draft.tell(Kind.CHANGED, SCHEDULER, f"is type: {given['type']} here")
    if not isinstance(given, dict):
        return
    draft.without_nulls(given, SCHEDULER)
    if _is_switched_off(draft, training, "lr_scheduler", given):
        return
    for old in ("name", "scheduler", "method"):
        if "type" not in given:
            draft.rename(given, SCHEDULER, old, "type")
    if "type" not in given:
        given["type"] = "plateau"
        draft.tell(Kind.WRITTEN, (*SCHEDULER, "type"), "plateau written, for none is named")
    word = str(given["type"])
    kind = meant(word, SCHEDULES)
    if kind is not None and kind != word:
        draft.put(given, SCHEDULER, "type", kind)
    for old in ("eta_min", "min_learning_rate"):
        draft.rename(given, SCHEDULER, old, "min_lr")


def _is_switched_off(draft: Draft, section: Data, name: str, given: Data) -> bool:
    """`enabled: false` leaves a section out; `enabled: true` says nothing."""
    place = (*TRAINING, name)
    if "enabled" not in given:
        return False
    if given["enabled"] in (False, "false", "no", 0):
        draft.remove(section, TRAINING, name, "it was not enabled")
        return True
    draft.remove(given, place, "enabled", "what is written is on")
    return False


def _early_stopping(draft: Draft, training: Data) -> None:
    given = training.get("early_stopping")
    if given is False:
        draft.remove(training, TRAINING, "early_stopping", "absent is off")
        return
    if given is True or isinstance(given, int):
        training["early_stopping"] = {} if given is True else {"patience": given}
        draft.tell(Kind.CHANGED, STOPPING, "is a mapping here, of patience and others")
        return
    if isinstance(given, dict):
        draft.without_nulls(given, STOPPING)
        if _is_switched_off(draft, training, "early_stopping", given):
            return
        for old in ("metric", "monitor_metric"):
            draft.rename(given, STOPPING, old, "monitor")
        words = {"validationloss": "val_loss", "loss": "val_loss", "accuracy": "val_accuracy"}
        word = words.get(plain(str(given.get("monitor"))))
        if word:
            draft.put(given, STOPPING, "monitor", word)


def _class_weights(draft: Draft, training: Data) -> None:
    given, place = training.get("class_weights"), TRAINING
    if given is True or (isinstance(given, str) and plain(given) in ("balanced", "auto")):
        draft.put(training, place, "class_weights", "inverse")
    elif given is False:
        draft.remove(training, place, "class_weights", "none is the default")
    elif isinstance(given, list) and len(given) == 3:
        weights = dict(zip(("buy", "hold", "sell"), given, strict=True))
        draft.put(training, place, "class_weights", weights)


def _loss(draft: Draft, training: Data) -> None:
    draft.rename(training, TRAINING, "loss_function", "loss")
    given = training.get("loss")
    if isinstance(given, dict) and "type" in given:
        rest = {key: value for key, value in given.items() if key != "type"}
        training["loss"] = given = given["type"]
        names = {"gamma": "focal_gamma", "delta": "huber_delta"}
        training.update({names.get(k, k): v for k, v in rest.items()})
        draft.tell(Kind.CHANGED, (*TRAINING, "loss"), "is a word here, its settings beside it")
    fits = ("huber", "mse") if _is_regression(training) else ("cross_entropy", "focal")
    all_losses = ("huber", "mse", "cross_entropy", "focal")
    word = meant(str(given), all_losses) if isinstance(given, str) else None
    if word is not None and word not in fits:
        draft.remove(
            training, TRAINING, "loss", f"it does not fit these labels: {fits[0]} is taken"
        )
    elif word is not None and word != given:
        draft.put(training, TRAINING, "loss", word)


def _is_regression(training: Data) -> bool:
    labels = training.get("labels")
    return isinstance(labels, dict) and labels.get("source") == "forward_return"


def _split(draft: Draft, training: Data) -> None:
    """Shares of one, for all three parts."""
    given = training.get("data_split")
    if not isinstance(given, dict):
        return
    draft.without_nulls(given, SPLIT)
    for old in ("val", "valid"):
        draft.rename(given, SPLIT, old, "validation")
    shares = {key: _number(given[key]) for key in ("train", "validation", "test") if key in given}
    if not shares or any(value is None or value < 0 for value in shares.values()):
        return
    numbers = {key: float(value or 0) for key, value in shares.items()}
    whole = _whole(numbers)
    if whole != numbers:
        given.update(whole)
        told = ", ".join(f"{key} {value:g}" for key, value in whole.items())
        draft.tell(Kind.CHANGED, SPLIT, f"is {told} here: three parts that add up to 1")


def _whole(shares: Mapping[str, float]) -> dict[str, float]:
    """Of percentages and of two parts, three shares; a test part that is 0 takes half of what is
    validated on."""
    total = sum(shares.values())
    scale = 100.0 if total > 1.5 else 1.0
    whole = {key: round(value / scale, 6) for key, value in shares.items()}
    missing = [key for key in ("train", "validation", "test") if not whole.get(key)]
    rest = round(1.0 - sum(whole.values()), 6)
    if len(missing) == 1 and rest > 0:
        whole[missing[0]] = rest
    elif missing == ["test"] and abs(rest) < 1e-6:
        whole["validation"] = whole["test"] = round(whole["validation"] / 2, 6)
    elif missing == ["validation"] and abs(rest) < 1e-6:
        whole["validation"] = whole["test"] = round(whole["test"] / 2, 6)
    elif missing == ["validation", "test"] and rest > 0:
        whole["validation"] = whole["test"] = round(rest / 2, 6)
    return {key: whole[key] for key in ("train", "validation", "test") if key in whole}


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(str(value).strip().removesuffix("%"))
    except ValueError:
        return None
