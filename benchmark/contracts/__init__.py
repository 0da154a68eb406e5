"""What authors implement and what they are given. Thin: no plumbing leaks into these."""
