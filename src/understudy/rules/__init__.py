"""The one rule engine: parse, normalise, branch, bound."""
