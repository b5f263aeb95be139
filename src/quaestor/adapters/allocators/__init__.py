"""How an account is divided between its instruments; `catalog` lists the ways."""
