"""The hotline over HTTP: REST, live events and the pages."""
