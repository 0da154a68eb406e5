"""Pictures for the pages, from image sets that the store still holds."""
