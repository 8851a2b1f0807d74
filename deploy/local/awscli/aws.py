"""Runs the AWS CLI's own code for many command lines without starting it anew, which takes most of a second each.

aws.py serve SOCKET            runs each command line that comes in a fork of itself; prints a line when it is ready
aws.py run SOCKET ARGUMENT...  has it run one, with this process's environment, directory, output and errors, and ends
                               with its exit status
"""

import json
import os
import signal
import socket
import sys


def serve(path):
    import awscli.clidriver

    driver = awscli.clidriver.create_clidriver()
    driver.session.get_service_model("ec2")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        print("ready", flush=True)
        while True:
            caller, _ = listener.accept()
            if os.fork() == 0:
                answer(driver, caller)
            caller.close()


def answer(driver, caller):
    status = 255
    try:
        length, streams, _, _ = socket.recv_fds(caller, 8, 2)
        os.dup2(streams[0], 1)
        os.dup2(streams[1], 2)
        with caller.makefile("rb") as sent:
            asked = json.loads(sent.read(int.from_bytes(length, "big")))
        os.environ.clear()
        os.environ.update(asked["environment"])
        os.chdir(asked["directory"])
        status = driver.main(asked["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        caller.sendall(bytes([status]))
        os._exit(0)


def run(path, *arguments):
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        asked = {"arguments": arguments, "environment": dict(os.environ), "directory": os.getcwd()}
        text = json.dumps(asked).encode()
        socket.send_fds(server, [len(text).to_bytes(8, "big")], [1, 2])
        server.sendall(text)
        return (server.recv(1) or b"\xff")[0]


if __name__ == "__main__":
    sys.exit({"serve": serve, "run": run}[sys.argv[1]](*sys.argv[2:]))
