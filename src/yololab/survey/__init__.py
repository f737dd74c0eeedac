"""What a data set holds, before anything is trained: counts, sizes, problems, leaks, pictures, one page."""
