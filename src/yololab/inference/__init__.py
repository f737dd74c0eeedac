"""A trained detector put to use: load, predict, validate, export, benchmark."""
