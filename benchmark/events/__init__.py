"""What happened, in the order in which it happened: the file that trackers read."""
