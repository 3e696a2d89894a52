"""What happens to every request, as plain ASGI applications around the application."""
