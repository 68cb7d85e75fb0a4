"""What the operator says: crmgraph.yaml and the environment, read into settings with every mistake told at once."""
