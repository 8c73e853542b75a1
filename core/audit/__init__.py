"""The append-only record: who did what, who looked, who was refused, and which submissions were already acted on."""
