"""What every indicator declares about itself."""

from typing import ClassVar

from training.strategy.section import Section

WILDER_SETTLE = 20  # periods until Wilder's smoothing keeps 2e-9 of its seed
EMA_SETTLE = 10  # the same for an exponential mean of alpha 2 / (period + 1)


class IndicatorSection(Section):
    """One entry under `indicators`; the parameters stand beside `type`."""

    outputs: ClassVar[tuple[str, ...]] = ()
    """Names of the outputs; empty for one output, which goes by the indicator's id alone."""

    look_ahead: ClassVar[frozenset[str]] = frozenset()
    """Outputs (`""` for the only one) that know the future and are refused as inputs."""

    cumulative: ClassVar[bool] = False
    """Whether values depend on where the loaded data begins."""

    @property
    def settle_length(self) -> int:
        """Bars after which a value no longer shows where the data begins."""
        raise NotImplementedError
