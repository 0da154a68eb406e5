"""Images that someone has already, handed out as a generator's."""
