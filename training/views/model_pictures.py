"""The pictures that models have, in the order in which their page shows them."""

from collections.abc import Mapping

from training.views import account_pictures, confidence_picture, price_picture, sets_picture
from training.views.pictures import Offered, PictureView

OFFERED: Mapping[str, Offered] = {
    "price": Offered(title="Price, decisions and trades", make=price_picture.price),
    "equity": Offered(title="Equity and drawdown on the test part", make=account_pictures.equity),
    "months": Offered(title="Monthly returns", make=account_pictures.months),
    "trades": Offered(title="Trades", make=account_pictures.trades),
    "confidence": Offered(
        title="What its predictions are worth on the test part", make=confidence_picture.confidence
    ),
    "sets": Offered(title="Fuzzy sets over the bars", make=sets_picture.fuzzy_sets),
}


class ModelPictureView(PictureView):
    offered = OFFERED


def titles() -> list[tuple[str, str]]:
    """Name and title of each."""
    return [(name, offered.title) for name, offered in OFFERED.items()]
