"""From the columns of a file, a row for each answer or for each query, to the rows of a log."""
