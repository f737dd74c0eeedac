"""The named graph: nodes over blocks, edges by name. Everything but `build` is free of torch."""
