"""Rules between CRMs: what is said of a person in one is kept true in another."""
