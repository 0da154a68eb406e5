"""What kernel and neighbor metrics share: every pair of rows is visited once, in tiles, in bounded memory."""
