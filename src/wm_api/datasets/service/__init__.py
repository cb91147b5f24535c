"""What datasets do, by noun."""
