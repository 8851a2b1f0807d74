"""As much of Lambda's runtime for Python as a measurement takes: asks for events, has them handled, answers.

See the Lambda Developer Guide, "Using the Lambda runtime API".
"""

import http.client
import json
import os

from function import handler

PATH = "/2018-06-01/runtime/invocation/"


def main():
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        api.request("GET", PATH + "next")
        answer = api.getresponse()
        request_id = answer.getheader("Lambda-Runtime-Aws-Request-Id")
        event = json.loads(answer.read())
        api.request("POST", PATH + request_id + "/response", body=json.dumps(handler(event, None)))
        api.getresponse().read()


if __name__ == "__main__":
    main()
