"""Pages of the rules, by subject: looking, and changing."""
