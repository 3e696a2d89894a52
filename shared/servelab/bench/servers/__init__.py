"""Servers whose true behaviour is known: what the harness is measured against."""
