"""The published ablations, trained and judged again at sizes that anyone can afford."""
