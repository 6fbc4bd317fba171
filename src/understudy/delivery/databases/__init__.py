"""Databases: a plan's tables loaded in its order, with every constraint and trigger on."""
