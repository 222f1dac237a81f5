"""How fast it is, beside what could not be faster: `make bench`, or `python -m tests.benchmarks`."""
