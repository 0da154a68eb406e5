"""The measurements of histobench."""
