"""The dashboard's pages of trainings: start, inspect, compare, and the models that came out."""
