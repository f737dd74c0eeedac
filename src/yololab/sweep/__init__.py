"""Sweeps: plan all cells, run what is not done, survive everything."""
