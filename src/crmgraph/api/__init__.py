"""The GraphQL face: what a caller may ask, and how an answer is put into its words."""
