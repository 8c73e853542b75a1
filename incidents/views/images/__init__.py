"""The pages about suspected images of children: reporting one, its tasks, its course, the exception for a viewing."""
