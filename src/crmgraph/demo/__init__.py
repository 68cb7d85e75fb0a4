"""Four simulated CRMs and their seeded people."""
