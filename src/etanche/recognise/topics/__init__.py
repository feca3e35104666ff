"""How comments are read: spelling, the dictionary of terms and cues, and the rules of stance (see `..texts`)."""
