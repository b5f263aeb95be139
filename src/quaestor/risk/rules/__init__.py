"""Risk rules, one a file; the first line of a module's docstring is the rule's meaning in reports."""
