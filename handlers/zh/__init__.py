"""All Chinese the product says, and the lexicon it understands."""
