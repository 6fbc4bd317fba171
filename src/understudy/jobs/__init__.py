"""Work that outlives its caller."""
