"""What a network learns to predict, each label with the row at which it was decided."""
