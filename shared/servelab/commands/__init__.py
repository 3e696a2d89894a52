"""The commands of `servelab`, one module a group; what they do stands in the packages beneath."""
