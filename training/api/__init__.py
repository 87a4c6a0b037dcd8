"""What the API has for trainings alone: start, extend and fork, strategies, models, predictions."""
