"""How well records are told apart and joined, on records whose people are known."""
