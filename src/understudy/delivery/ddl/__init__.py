"""Structure that is made: tables, constraints and types in the words of each dialect."""
