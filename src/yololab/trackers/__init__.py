"""Trackers: where curves and summaries go besides the run's folder."""
