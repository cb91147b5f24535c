"""What sharing does, by noun."""
