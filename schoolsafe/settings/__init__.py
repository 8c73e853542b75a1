"""Settings: `base` holds what is always so; `development`, `test` and `production` say how they differ."""
