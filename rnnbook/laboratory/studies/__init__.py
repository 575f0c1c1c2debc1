"""One module a study, with its claims beside it; `study.names` finds them."""
