"""Free ports of the loopback interface, kept from each other.

A server has to be told its port before it listens, so between choosing a port and
listening anybody may take it. Two starts of this package never choose the same one:
each keeps the UDP port of the same number bound for as long as its server runs.
Anybody else may still come in between; then the server ends, the port is found taken,
and the start is tried again with another one.
"""

import socket

LOOPBACK = "127.0.0.1"


def reserve() -> socket.socket:
    """Return a UDP socket whose number is a free TCP port; the port is reserved until it is closed.

    Raises:
        OSError: the machine has no free port.
    """
    refused: list[socket.socket] = []  # kept until the end: the system would offer the same number again
    try:
        while True:
            reservation = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            reservation.bind((LOOPBACK, 0))
            if is_free(number_of(reservation)):
                return reservation
            refused.append(reservation)
    finally:
        for each in refused:
            each.close()


def number_of(reservation: socket.socket) -> int:
    """Return the port that a reservation is for."""
    number: int = reservation.getsockname()[1]
    return number


def is_reserved(port: int) -> bool:
    """Whether a port is kept by a start of this package, whose server runs or is being cleaned up after."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        try:
            trial.bind((LOOPBACK, port))
        except OSError:
            return True
        return False


def is_free(port: int) -> bool:
    """Whether a server could listen on a TCP port of the loopback interface."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        # As servers do: connections that are still closing are no hindrance.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((LOOPBACK, port))
            # Another listener that allows the address to be used again is found only here.
            trial.listen(1)
        except OSError:
            return False
        return True
