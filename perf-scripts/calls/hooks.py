"""The application of a load run: answers a call's first hook with a dial, every other request with nothing. One process, HTTP/1.1."""
import asyncio
import json
import sys

DIAL = json.dumps([{"verb": "dial", "answerOnBridge": True, "actionHook": "/action",
                    "target": [{"type": "phone", "number": "+15550199", "trunk": "out"}]}]).encode()


def response(body):
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


ANSWERS = {b"/call": response(DIAL)}
NOTHING = response(b"[]")
counts = {}


class Connection(asyncio.Protocol):
    """Requests of one connection, in their order."""

    def connection_made(self, transport):
        self.transport, self.pending = transport, b""

    def data_received(self, data):
        self.pending += data
        while True:
            end = self.pending.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.pending[:end]
            length = next((int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"), 0)
            if len(self.pending) < end + 4 + length:
                return
            self.pending = self.pending[end + 4 + length:]
            path = head.split(b" ", 2)[1]
            counts[path] = counts.get(path, 0) + 1
            self.transport.write(ANSWERS.get(path, NOTHING))


async def main(port):
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port)
    print("listening", flush=True)
    # Whoever started this closes its standard input.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()
    print(json.dumps({path.decode(): n for path, n in counts.items()}), flush=True)


asyncio.run(main(int(sys.argv[1])))
