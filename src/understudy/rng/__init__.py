"""Keyed randomness and the closed-form laws built on it."""
