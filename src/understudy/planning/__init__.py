"""Schema, sizes and models to a plan."""
