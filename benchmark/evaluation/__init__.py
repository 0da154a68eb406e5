"""Images made elsewhere, measured: looked at first, then written down as a suite that is run."""
