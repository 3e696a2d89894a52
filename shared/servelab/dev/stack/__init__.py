"""The stack of docker-compose.yml, brought up under a name of its own and used as a client would.

    errors       what can go wrong
    settings     ports and secrets for a stack that lives for minutes
    project      a compose project: up, down, what it consists of, what is left of it
    container    what the engine says of a container; its sudden death
    load         clients that predict, as fast as the gateway allows
    gateway_log  which replica answered which request
    counted      what Prometheus has counted
    ledger       requests as the clients saw them, beside the log and beside Prometheus
    smoke        the story that all of it is for
    report       what came out

Leaves out: services without Compose, which are `servelab.services`.
"""
