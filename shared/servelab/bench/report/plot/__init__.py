"""Plots of the report, each a function from measured values to a `Figure`.

axis         where a value stands, and which values are named
figure       the drawing: grid, curves, dots, bars, legend
distribution how often each latency occurred, on a logarithmic scale
curve        latency over the percentile, with its confidence band
timeline     latency over the time of the run, with the warm-up marked
throughput   latency over the offered rate, with the limit and the capacity
ratio        B against A: each pair of blocks, the interval, the noise floor
"""
