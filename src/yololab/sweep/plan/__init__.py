"""Before a sweep: every run composed, checked, identified and estimated."""
