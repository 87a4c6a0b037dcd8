"""From bars to what a network is trained on: indicators, memberships, labels, splits, dataset."""
