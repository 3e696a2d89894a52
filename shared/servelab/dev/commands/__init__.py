"""The commands of contributors, one module each."""
