"""Arithmetic on boxes and points that several parts share."""
