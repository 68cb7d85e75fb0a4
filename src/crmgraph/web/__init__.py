"""The HTTP face: GraphQL over HTTP, the console and the health checks."""
