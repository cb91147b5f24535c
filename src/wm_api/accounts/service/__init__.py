"""What accounts do, by noun."""
