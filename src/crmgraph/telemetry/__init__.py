"""What is told of the work: metrics, traces and log lines, none of which says anything about people or secrets."""
