"""Re-checks constraints, sharing no code with generation."""
