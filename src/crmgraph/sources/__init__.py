"""All input and output towards the CRMs."""
