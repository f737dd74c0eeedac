"""Statistics of ablations: seeds as blocks, images as a bootstrap, and the words for it (docs/statistics.md)."""
