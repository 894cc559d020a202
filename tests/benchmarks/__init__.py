"""What Grand Round is measured by: each module says what it measures, how, and against whom. `make bench` runs them."""
