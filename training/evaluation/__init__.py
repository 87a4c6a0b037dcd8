"""How good a trained network is on the test part, and against what."""
