import pytest

from training.trainer.engines import rule

NONE = rule.Limits(0, large_batch=0, weights_at_large_batches=0)


@pytest.fixture(params=["kernel", "autograd"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every network is trained by this engine."""
    if request.param == "autograd":
        monkeypatch.setattr(rule, "KERNEL_LIMITS", dict.fromkeys(rule.KERNEL_LIMITS, NONE))
    return str(request.param)
