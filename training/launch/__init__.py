"""What becomes an operation: a start, a branch of another, several seeds. Free of torch."""
