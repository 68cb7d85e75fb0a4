"""The graph's mutations: what each takes, and what each answers."""
