"""The supervisors' pages: templates, style and small scripts; no build step, nothing from outside."""
