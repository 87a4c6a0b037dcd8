"""The pictures that models have, in the order in which their page shows them."""

from collections.abc import Mapping

from training.models import TrainedModel
from training.trained.rules_process import has_rules
from training.views import (
    account_pictures,
    confidence_picture,
    price_picture,
    rules_picture,
    sets_picture,
)
from training.views.pictures import Offered, PictureView

OFFERED: Mapping[str, Offered] = {
    "price": Offered(title="Price, decisions and trades", make=price_picture.price),
    "equity": Offered(title="Equity and drawdown on the test part", make=account_pictures.equity),
    "months": Offered(title="Monthly returns", make=account_pictures.months),
    "trades": Offered(title="Trades", make=account_pictures.trades),
    "confidence": Offered(
        title="What its predictions are worth on the test part", make=confidence_picture.confidence
    ),
    "rules": Offered(title="Rules", make=rules_picture.rules),
    "sets": Offered(title="Fuzzy sets over the bars", make=sets_picture.fuzzy_sets),
}


class ModelPictureView(PictureView):
    offered = OFFERED


def titles(model: TrainedModel) -> list[tuple[str, str]]:
    """Name and title of each that it has."""
    shown = [name for name in OFFERED if name != "rules" or has_rules(model)]
    return [(name, OFFERED[name].title) for name in shown]
