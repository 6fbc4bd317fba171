"""Evidence to one schema."""
