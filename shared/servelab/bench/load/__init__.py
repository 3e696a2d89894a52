"""Offer a load: when and how requests are sent, in this process or in several, and what came of them."""
