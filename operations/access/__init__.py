"""Who may do what and how often: permissions, tokens, rates, and keys that stop a double."""
