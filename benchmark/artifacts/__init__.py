"""What one stage leaves for another: image sets, features, indexes, values, each with its writer and reader."""
