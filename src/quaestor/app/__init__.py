"""Use cases that every front end calls: run, train, explain, questions to the risk officer, replay."""
