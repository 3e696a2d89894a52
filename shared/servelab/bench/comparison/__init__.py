"""A against B on a machine that never holds still: blocks in turn, a ratio with its interval, a verdict."""
