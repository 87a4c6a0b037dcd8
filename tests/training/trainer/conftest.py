import pytest

from training.trainer.engines import choice


@pytest.fixture(params=["kernel", "autograd"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every perceptron is trained by this engine."""
    if request.param == "autograd":
        monkeypatch.setattr(choice, "MOST_WEIGHTS_OF_KERNEL", 0)
    return str(request.param)
