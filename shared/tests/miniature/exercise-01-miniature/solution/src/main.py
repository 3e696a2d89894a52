"""Answers on an open socket: python -m src.main FD."""

import socket
import sys

from src.answer import ANSWERS

listener = socket.socket(fileno=int(sys.argv[1]))
print("serving", flush=True)
while True:
    connection, _ = listener.accept()
    with connection:
        path = connection.recv(65536).split(b" ")[1].decode()
        try:
            status, body = "200 OK", ANSWERS[path]()
        except KeyError:
            status, body = "404 Not Found", "no such path"
        except NotImplementedError as error:
            status, body = "500 Internal Server Error", str(error)
        head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", "", body]
        connection.sendall("\r\n".join(head).encode())
