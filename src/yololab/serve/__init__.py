"""A study in a browser while it runs: `yololab serve`."""
