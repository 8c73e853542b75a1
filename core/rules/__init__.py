"""Each school's rules: the typed catalogue, dated values, the presets and the settings pages."""
