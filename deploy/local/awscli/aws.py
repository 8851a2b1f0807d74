"""Runs the AWS CLI's own code for many command lines without starting it anew, which takes most of a second each.

aws.py serve SOCKET            runs each command line that comes in a fork of itself; prints a line when it is ready
aws.py run SOCKET ARGUMENT...  has it run one, with this process's environment, directory, output and errors, and ends
                               with its exit status

Each run starts Python, so this file imports little at its top.
"""

import _socket
import marshal
import os
import sys


def serve(path):
    import gc
    import signal
    import socket

    import awscli.clidriver

    driver = awscli.clidriver.create_clidriver()
    known, loaded = {*driver.session.get_available_services(), "s3api"}, set()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        print("ready", flush=True)
        while True:
            caller, _ = listener.accept()
            length, streams, _, _ = socket.recv_fds(caller, 8, 2)
            try:
                with caller.makefile("rb") as sent:
                    asked = marshal.loads(sent.read(int.from_bytes(length, "big")))
            except EOFError:  # the caller was killed
                caller.close()
                continue
            for service in ({*asked["arguments"]} & known) - loaded:
                load(driver, service.removesuffix("api"))
                loaded.add(service)
            gc.freeze()  # a collection in a fork would copy all of the memory
            if os.fork() == 0:
                gc.disable()
                answer(driver, caller, streams, asked)
            for number in (caller.detach(), *streams):
                os.close(number)


def load(driver, service):
    """Reads what is known of a service, which takes as long as most calls. Later forks have it."""
    keys = dict.fromkeys(["aws_access_key_id", "aws_secret_access_key"], "testing")
    driver.session.create_client(service, region_name="us-east-1", **keys)


def answer(driver, caller, streams, asked):
    status = 255
    try:
        os.dup2(streams[0], 1)
        os.dup2(streams[1], 2)
        os.environ.clear()
        os.environ.update(asked["environment"])
        os.chdir(asked["directory"])
        try:
            status = driver.main(asked["arguments"])
        except SystemExit as end:  # of --version
            status = end.code or 0
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        caller.sendall(bytes([status]))
        os._exit(0)


def run(path, *arguments):
    server = _socket.socket(_socket.AF_UNIX)
    server.connect(path)
    text = marshal.dumps({"arguments": list(arguments), "environment": dict(os.environ), "directory": os.getcwd()})
    streams = b"".join(number.to_bytes(4, sys.byteorder) for number in (1, 2))
    server.sendmsg([len(text).to_bytes(8, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
    server.sendall(text)
    return (server.recv(1) or b"\xff")[0]


if __name__ == "__main__":
    sys.exit({"serve": serve, "run": run}[sys.argv[1]](*sys.argv[2:]))
