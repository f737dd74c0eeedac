"""Training: optimizer groups, schedule, moving average, and the callbacks that write a run's folder."""
