"""Places an order and follows it from the first event to the last, whatever the connection does.

    pip install -r docs/examples/requirements.txt
    python docs/examples/follow.py

ORDERD_URL says where the daemon is. The stream of one order goes on after `?since=SEQ`: see docs/streaming.md.
"""

import asyncio
import json
import os
import random
import sys
import time
import urllib.error
import urllib.request
import uuid

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

DAEMON = os.environ.get("ORDERD_URL", "http://127.0.0.1:3000")
LAST = {"finalized", "failed", "cancelled", "expired"}
FINAL_CODES = {4310, 4401}


def place(order):
    """Hands an order in; sent again with the same key when the answer gets lost, so that it is never placed twice."""
    headers = {"content-type": "application/json", "idempotency-key": str(uuid.uuid4())}
    body = json.dumps(order).encode()
    while True:
        request = urllib.request.Request(f"{DAEMON}/api/orders/execute", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            if refusal.code != 503:
                problem = json.load(refusal)
                sys.exit(f"{problem['code']}: {problem['detail']}")
        except OSError as error:
            print(f"no answer: {error}")
        time.sleep(0.5)


async def follow(path):
    """Gives the order's events from `seq` 1 on, each once."""
    seq, attempts = 0, 0
    while True:
        since = f"?since={seq}" if seq else ""
        try:
            async with connect(f"ws{DAEMON.removeprefix('http')}{path}{since}") as socket:
                attempts = 0
                async for text in socket:
                    message = json.loads(text)
                    if message.get("orderId") and message["seq"] > seq:
                        seq = message["seq"]
                        yield message
            reason = f"closed with {socket.close_code}"
            if socket.close_code in FINAL_CODES:
                sys.exit(reason)
        except ConnectionClosed as closed:
            reason = f"cut off with {closed.rcvd.code if closed.rcvd else 1006}"
            if closed.rcvd and closed.rcvd.code in FINAL_CODES:
                sys.exit(reason)
        except (OSError, InvalidHandshake) as error:
            reason = f"not connected: {error}"
        print(reason, flush=True)
        # Full jitter: clients that were cut off together do not come back together.
        await asyncio.sleep(random.uniform(0, min(15, 0.25 * 2**attempts)))
        attempts += 1


async def main():
    accepted = place({"tokenIn": "SOL", "tokenOut": "USDC", "amount": "10"})
    async for event in follow(accepted["wsUrl"]):
        print(f"{event['orderId']} {event['seq']} {event['type']}: {event['message']}", flush=True)
        if event["type"] in LAST:
            break


asyncio.run(main())
