"""The scripts that rebuild the committed models; they need the extra `train`.

To add a model: write a module here with `build(seed) -> Built`, name it in
`recipe.SCRIPTS`, run `servelab zoo build NAME --write` and `servelab zoo check`,
and commit the artefacts with the script.
"""
