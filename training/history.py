"""Every finished epoch's metrics, one entry per epoch."""


class History:
    """Lists by metric name, as `TrainingResumeContext.training_history` shows them."""

    def __init__(self) -> None:
        self.metrics: dict[str, list[float]] = {}

    def append(self, metrics: dict[str, float]) -> None:
        for name, value in metrics.items():
            self.metrics.setdefault(name, []).append(value)

    def state_dict(self) -> dict[str, list[float]]:
        return self.metrics

    def load_state_dict(self, state: dict[str, list[float]]) -> None:
        self.metrics = {name: list(values) for name, values in state.items()}
