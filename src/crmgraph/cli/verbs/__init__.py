"""The verbs: what can be said to each is a file here, what it does a file beside this room."""
