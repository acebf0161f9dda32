"""Finding things in the fine picture, for the decoder to count and compare."""
