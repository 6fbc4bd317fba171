"""Understudy stands in for your production data."""
