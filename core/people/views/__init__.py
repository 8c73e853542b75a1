"""Pages about people and schools, and the base views that every school page stands on."""
