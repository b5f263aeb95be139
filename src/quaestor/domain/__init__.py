"""The vocabulary of the system: frozen values, no behaviour that needs the outside."""
