"""The order and the way in which tables reach a database."""
