"""Serves moto. Loads it once, and forks a server for each connection, which gets a server in a moment.

Prints "launcher.py listens at PORT". Who connects sends a line with the services to load, which later servers have too. The
server prints "moto listens at PORT" and all else to the connection, and ends with it. The program ends with its input.
"""

import gc
import os
import select
import signal
import socket
import sys
import threading

sys.path[:] = [path for path in sys.path if path]  # not the working directory, which may have a moto of its own

from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
from werkzeug.test import Client


def main():
    app = DomainDispatcherApplication(amended)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the servers
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        print("launcher.py listens at", listener.getsockname()[1], flush=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            caller, _ = listener.accept()
            with caller.makefile("r") as sent:
                load(app, sent.readline().split())
            gc.freeze()  # a collection in the server would copy all of the memory
            if os.fork() == 0:
                listener.close()
                serve(app, caller)
            caller.close()


def amended(service):
    """Loads a service of moto."""
    app = create_backend_app(service)
    if service in ("cloudformation", "lambda"):
        amend_cloudformation()
    elif service == "ssm":
        amend_parameters()
    elif service == "ec2":
        amend_rules()
    return app


def load(app, services):
    """Has each service refuse a call that it doesn't know: moto loads a service at its first call."""
    for service in services:
        scope = f"Credential=testing/20260101/us-east-1/{service}/aws4_request"
        headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"}
        try:
            Client(app).post("/", headers=headers, data={"Action": "Load"})
        except Exception:
            pass  # the refusal


def serve(app, caller):
    os.dup2(caller.fileno(), 1)
    os.dup2(caller.fileno(), 2)
    mock_random.seed()  # or all servers would make the same ids
    server = make_server("127.0.0.1", 0, app, threaded=True)
    os.environ["MOTO_PORT"] = str(server.port)
    threading.Thread(target=end, args=(server, caller), daemon=True).start()
    print("moto listens at", server.port, flush=True)
    server.serve_forever()


def end(server, caller):
    caller.recv(1)
    server.socket.close()  # before the caller learns that the server is gone
    os._exit(0)


main()
