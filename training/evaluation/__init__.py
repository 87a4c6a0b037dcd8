"""How good a trained network is on the test part, and against what."""

from training.evaluation.report import Evaluation, evaluate

__all__ = ["Evaluation", "evaluate"]
