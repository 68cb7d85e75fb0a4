"""What the operator decided, made into the parts that the composition joins."""
