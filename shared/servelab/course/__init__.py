"""The course around the grader: starter generation, verification, progress, hints, watch mode."""
