"""Everything done to pixels before an extractor. Real and synthetic images take the same path."""
