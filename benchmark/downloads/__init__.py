"""Downloads of known files over HTTP: resumed where they were cut, verified before they are used."""
