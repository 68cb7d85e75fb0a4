"""Writing: from what a caller asks to what each source really did, under holds and with a journal."""
