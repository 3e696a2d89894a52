"""The highest rate that keeps an objective, and the curve on the way to it."""
