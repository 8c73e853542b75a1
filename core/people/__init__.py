"""People and the school: profile, accounts, roles, permissions, pupils, contacts, forms, calendar, outside bodies."""
