"""Everything that touches the outside: files, databases, venues. Foreign errors become Quaestor's here."""
