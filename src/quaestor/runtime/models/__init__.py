"""Life cycle of the models of a run: loaded, exchanged, logged and checkpointed while it goes on."""
