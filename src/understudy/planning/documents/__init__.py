"""JSON Schema documents to expressions that give a valid document per row."""
