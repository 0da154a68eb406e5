"""What is to be known of a dataset before it is used: counts, repeats, blanks, damage. Behind `bench data check`."""
