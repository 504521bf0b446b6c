"""After the call: what was said, what was promised and who must do what next."""
