"""A collector of OpenTelemetry's spans, in this process, where Jaeger would stand in production."""
