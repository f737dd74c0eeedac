"""During a sweep: runs as processes of this machine."""
