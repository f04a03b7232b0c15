"""Speed beside other tools and beside formulas written by hand; `make bench` runs and prints it."""
