"""The pictures that models have, in the order in which their page shows them."""

from collections.abc import Mapping

from training.views.pictures import Offered, PictureView

OFFERED: Mapping[str, Offered] = {}


class ModelPictureView(PictureView):
    offered = OFFERED


def titles() -> list[tuple[str, str]]:
    """Name and title of each."""
    return [(name, offered.title) for name, offered in OFFERED.items()]
