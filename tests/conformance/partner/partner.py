#!/usr/bin/env python3
"""The gateway's foreign partner: signs, packs and reads messages with lxml and cryptography, sharing no code with the gateway.

A request and an answer are one line of JSON each: {"do": "issue" | "build" | "read" | "query", …}.
"""

import base64
import json
import sys
import traceback
from pathlib import Path

import message
import pki
import query
import reply


def answer(request):
    do = request.pop("do")
    if do == "issue":
        return pki.issue(Path(request["folder"]))
    if do == "build":
        return message.build(request)
    content = base64.b64decode(request.pop("content"))
    return reply.read(content, **request) if do == "read" else query.ask(content, **request)


def main():
    for line in sys.stdin:
        try:
            said = answer(json.loads(line))
        except Exception:
            said = {"error": traceback.format_exc()}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
