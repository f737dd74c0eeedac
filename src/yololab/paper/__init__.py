"""What a paper needs of a study: table, figures, methods, answers, citation, research object."""
