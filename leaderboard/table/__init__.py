"""From records to boards: which numbers stand beside each other, and what may be said of them."""
