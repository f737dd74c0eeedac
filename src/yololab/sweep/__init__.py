"""Sweeps: plan all runs, run what is not done, survive everything."""
