"""One run: its folder and who owns it, from preparation to the record. A folder is the truth about its run."""
