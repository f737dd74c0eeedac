"""Configuration: where it lies, composing it, checking it, and which of it makes a run what it is."""
