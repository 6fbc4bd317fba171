"""The nouns that travel between rooms."""
