"""Each school's rules: the typed catalogue, the five presets, dated values and the pages that show and change them."""
