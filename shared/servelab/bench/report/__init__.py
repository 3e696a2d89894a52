"""Reports of measurements: a terminal table, JSON with every request, and an HTML page with plots.

    Run + Validity → summary → terminal | json | html
    machine        what measured
    quantity       numbers as people read them
    plot           figures as inline SVG

Leaves out: writing files, which `servelab.atomic_file` does.
"""
