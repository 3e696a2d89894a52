"""What the service says."""


def live() -> str:
    # task 1.1: say that the process answers
    return "alive"
    # end task 1.1


def ready() -> str:
    # task 1.3: say whether the service can work
    return "ready"
    # end task 1.3


ANSWERS = {
    "/health/live": live,
    "/health/ready": ready,
    # task 1.2, declaration: answer a greeting
    "/hello": lambda: "hello",
    # end task 1.2
}
