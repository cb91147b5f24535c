"""Which account may see which score, until when."""
