"""What came out when a record was run again, signed."""
