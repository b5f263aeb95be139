"""Use cases that every front end calls: run, train, explain, and questions to the risk officer."""
