"""People and the school: profile, accounts, roles and permissions, pupils, contacts, forms, calendar, outside bodies."""
