"""What `ModelTrainer` is made of."""
