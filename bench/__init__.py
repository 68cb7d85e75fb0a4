"""Measures the gateway beside its peers: one upstream, one load, ratios within one run."""
