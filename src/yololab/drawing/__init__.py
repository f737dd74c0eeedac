"""The picture of a network, from its named graph."""
