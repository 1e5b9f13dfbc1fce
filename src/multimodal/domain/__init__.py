"""Core logic: one folder a modality, and `shared`, which knows none of them."""
