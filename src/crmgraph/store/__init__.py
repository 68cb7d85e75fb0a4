"""All input and output towards our own state."""
