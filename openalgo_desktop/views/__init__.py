"""Windows and dialogs: they arrange widgets and emit intent."""
