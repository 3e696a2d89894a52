"""nginx, with whatever the caller puts into its `http` block, as a file in /etc/nginx/conf.d would.

Leaves out: the servers that it passes requests to.
"""

import os
from collections.abc import Callable

from servelab.services.definition import Service
from servelab.services.http import get
from servelab.services.plan import Place, Plan

AROUND = """\
daemon off;
{user}
pid {{{{scratch}}}}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {{{{scratch}}}}/body;
    proxy_temp_path {{{{scratch}}}}/proxy;
    fastcgi_temp_path {{{{scratch}}}}/fastcgi;
    uwsgi_temp_path {{{{scratch}}}}/uwsgi;
    scgi_temp_path {{{{scratch}}}}/scgi;
    {config}
}}
"""

GREETING = 'server { listen 127.0.0.1:{{main}}; return 200 "nginx\\n"; }'


def planner(config: str) -> Callable[[Place], Plan]:
    """Return what plans it with the content of its `http` block."""

    def plan(place: Place) -> Plan:
        # Its workers need the scratch folder, which is nobody else's; nobody but root may change the user.
        text = AROUND.format(user="user root;" if os.getuid() == 0 else "", config=config)
        return Plan(
            url=place.url("http"),
            command=(
                place.program,
                *("-p", str(place.scratch), "-c", str(place.write("nginx.conf", text)), "-e", "stderr"),
            ),
        )

    return plan


def check(plan: Plan) -> str:
    """Ask it anything: an error counts as an answer, too, when what is behind it is not up."""
    return get(plan.url).headers.get("Server", "").partition("/")[2] or "unknown"


NGINX = Service(
    name="nginx",
    package="nginx-light",
    programs=("nginx",),
    plan=planner(GREETING),
    check=check,
    image="nginx:1.27-alpine",
)
