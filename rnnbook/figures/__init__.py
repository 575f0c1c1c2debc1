"""The diagrams of the course, drawn by code: a module a diagram, one vocabulary for all."""
