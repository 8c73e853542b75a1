"""Pages of the import, by subject: bringing lists in, the preview, applying and after, and the DSL's question."""
