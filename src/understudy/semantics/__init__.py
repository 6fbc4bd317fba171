"""What fields mean, and values that look it."""
