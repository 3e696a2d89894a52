"""The commands of `servelab`, one module per command or group; what they do is in the packages below."""
