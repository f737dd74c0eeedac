"""Studies: run folders, records, statistics over seeds, tables and figures."""
