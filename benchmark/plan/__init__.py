"""From a suite to steps: what has to be made, out of what, under which key."""
