"""The prediction service of exercise 01."""
