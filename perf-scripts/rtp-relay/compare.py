#!/usr/bin/env python3
"""Packets per second per core and CPU per packet: Hookswitch's core beside rtpengine's userspace, in one run, in turn.

Each relay runs alone, pinned to one processor, while the generator (rtpload.c) has the other; both relays are asked for the same
calls, one local port per leg, 172-byte G.711 packets each 20 ms in both directions over loopback. Rounds alternate, the order
changes with every round. rtpengine (Debian package) runs in userspace (table -1), one worker thread.

  compare.py [--rounds 3] [--calls 3000] [--out FILE.json]

Needs root or CAP_NET_ADMIN only for larger socket buffers; without it the default buffers are used. Ends by itself; every process it
starts is its own child and is ended by its id.
"""
import argparse
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BASE_PORT = 61000          # far ends: 61000..61007
RELAY_PORTS = (20000, 39999)
TICK = os.sysconf("SC_CLK_TCK")


def bencode(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, list):
        return b"l" + b"".join(map(bencode, value)) + b"e"
    return b"d" + b"".join(bencode(k) + bencode(v) for k, v in sorted(value.items())) + b"e"


def bdecode(data, at=0):
    lead = data[at:at + 1]
    if lead == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1:end]), end + 1
    if lead in (b"l", b"d"):
        items, at = [], at + 1
        while data[at:at + 1] != b"e":
            item, at = bdecode(data, at)
            items.append(item)
        if lead == b"l":
            return items, at + 1
        return dict(zip((k.decode() for k in items[::2]), items[1::2])), at + 1
    colon = data.index(b":", at)
    length = int(data[at:colon])
    return data[colon + 1:colon + 1 + length], colon + 1 + length


class Relay:
    """A relay under test: a child process with its calls set up."""

    def __init__(self, calls, processor, work):
        self.calls, self.processor, self.work = calls, processor, work
        self.child = None
        self.ports = work / (self.name + ".ports")

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def stop(self):
        if self.child and self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        time.sleep(0.5)


class Rtpengine(Relay):
    name = "rtpengine"
    control = ("127.0.0.1", 60990)

    def start(self):
        log = open(self.work / "rtpengine.log", "w")
        self.child = subprocess.Popen(
            ["taskset", "-c", str(self.processor), "rtpengine", "--config-file=none", "--table=-1", "--num-threads=1",
             "--interface=127.0.0.1", f"--listen-ng={self.control[0]}:{self.control[1]}", f"--port-min={RELAY_PORTS[0]}",
             f"--port-max={RELAY_PORTS[1]}", "--foreground", "--log-stderr", "--log-level=3", "--timeout=3600",
             "--pidfile=" + str(self.work / "rtpengine.pid")], stdout=log, stderr=log)
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link.settimeout(1)

        def ask(number, **request):
            cookie = b"c%d" % number
            for _ in range(10):
                link.sendto(cookie + b" " + bencode(request), self.control)
                try:
                    while True:
                        head, _, body = link.recvfrom(65536)[0].partition(b" ")
                        if head == cookie:
                            return bdecode(body)[0]
                except (socket.timeout, ConnectionRefusedError):
                    time.sleep(0.2)
            raise SystemExit("rtpengine does not answer; see " + str(self.work / "rtpengine.log"))

        def sdp(port):
            return (f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                    f"m=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=rtcp-mux\r\n")

        def port(reply):
            if reply.get("result") != b"ok":
                raise SystemExit(f"rtpengine refused: {reply}")
            line = next(l for l in reply["sdp"].decode().splitlines() if l.startswith("m=audio"))
            return int(line.split()[1])

        with open(self.ports, "w") as out:
            for i in range(self.calls):
                far_a, far_b = BASE_PORT + i % 4, BASE_PORT + 4 + i % 4
                # The offer's reply is what B is told (the port of the B leg), the answer's what A is told.
                b = port(ask(2 * i, command="offer", sdp=sdp(far_a), **{"call-id": f"c{i}", "from-tag": "a"}))
                a = port(ask(2 * i + 1, command="answer", sdp=sdp(far_b),
                             **{"call-id": f"c{i}", "from-tag": "a", "to-tag": "b"}))
                out.write(f"{a} {b}\n")


class Hookswitch(Relay):
    def __init__(self, calls, processor, work, transport):
        self.name = "hookswitch-" + transport
        self.transport = transport
        super().__init__(calls, processor, work)

    def start(self):
        log = open(self.work / (self.name + ".log"), "w")
        classpath = f"{ROOT}/bench/target/lib/*:{ROOT}/bench/target/classes"
        java = os.path.join(os.environ["JAVA_HOME"], "bin", "java")
        self.child = subprocess.Popen(
            ["taskset", "-c", str(self.processor), java, "-XX:+UseSerialGC", "-Xms1g", "-Xmx1g", "-da",
             "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
             "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED", "-cp", classpath, "io.hookswitch.bench.RelayHost",
             "--transport", self.transport, "--calls", str(self.calls), "--far-port", str(BASE_PORT), "--ports",
             f"{RELAY_PORTS[0]}-{RELAY_PORTS[1]}", "--out", str(self.ports)],
            stdout=subprocess.PIPE, stderr=log, stdin=subprocess.PIPE, text=True)
        for line in self.child.stdout:
            log.write(line)
            log.flush()
            if line.startswith("ready"):
                return
        raise SystemExit("the relay host ended early; see " + str(self.work / (self.name + ".log")))

    def allocated(self):
        """(bytes allocated by the core thread, packets) since start."""
        self.child.stdin.write("stat\n")
        self.child.stdin.flush()
        for line in self.child.stdout:
            if line.startswith("stat "):
                return json.loads(line[5:])
        return {}


def load(binary, relay, calls, seconds, processor):
    result = subprocess.run(
        ["taskset", "-c", str(processor), str(binary), str(relay.ports), str(calls), str(seconds), str(BASE_PORT)],
        capture_output=True, text=True, check=True)
    return json.loads(result.stdout)


def measure(binary, relay, args):
    """Warms one relay up, takes CPU per packet at fixed loads, then raises the load until packets are missing or late."""
    load(binary, relay, min(500, args.calls), 6, args.generator)
    load(binary, relay, min(1000, args.calls), 4, args.generator)
    figures = {"at": {}}
    for calls in (c for c in (200, 1000, 1500) if c <= args.calls):
        before = relay.cpu_seconds()
        run = load(binary, relay, calls, 4, args.generator)
        run["us_cpu_per_packet"] = round((relay.cpu_seconds() - before) * 1e6 / max(1, run["received"]), 3)
        figures["at"][calls] = run
    calls, knee = 600, 0
    while calls <= args.calls:
        for _ in range(3):
            run = load(binary, relay, calls, 0.6, args.generator)
            good = run["received"] == run["sent"] and run["p75_us"] < 2000
            paced = run["sent"] >= calls * 2 * 50 * 0.6 * 0.97
            if good or not paced:
                break
        if not good:
            break
        if not paced:
            figures["generator_was_the_limit"] = True
            break
        knee = round(run["sent"] / 0.6)
        calls = int(calls * 1.06) + 1
    else:
        figures["all_calls_carried"] = True
    figures["knee_pps"] = knee
    return figures


def spread(values):
    return f"{statistics.median(values):,.2f} ({min(values):,.2f} to {max(values):,.2f})"


def report(rounds):
    names = list(rounds[0])
    print("\n| relay | knee, packets/s | us CPU/packet at 200 | at 1,000 | at 1,500 calls | p50/p99 us at 1,000 calls |\n|---|---|---|---|---|---|")
    for name in names:
        runs = [r[name] for r in rounds]
        knee = [r["knee_pps"] for r in runs]
        cells = [f"{statistics.median(knee):,.0f} ({min(knee):,} to {max(knee):,})"]
        for calls in (200, 1000, 1500):
            cells.append(spread([r["at"][calls]["us_cpu_per_packet"] for r in runs if calls in r["at"]] or [0]))
        at = [r["at"][1000] for r in runs if 1000 in r["at"]]
        if at:
            cells.append(f"{statistics.median(a['p50_us'] for a in at):.0f} / {statistics.median(a['p99_us'] for a in at):.0f}")
        print(f"| {name} | " + " | ".join(cells) + " |")
    base = "rtpengine"
    for name in names:
        if name != base and base in names:
            ratio = [0.0] if not any(r[base]["knee_pps"] for r in rounds) else [r[name]["knee_pps"] / r[base]["knee_pps"] for r in rounds if r[base]["knee_pps"]]
            cpu = [r[name]["at"][1000]["us_cpu_per_packet"] / r[base]["at"][1000]["us_cpu_per_packet"] for r in rounds]
            print(f"\n{name} / {base}: knee {spread(ratio)} x; CPU per packet at 1,000 calls {spread(cpu)} x")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument("--transports", default="io_uring,epoll")
    parser.add_argument("--out")
    args = parser.parse_args()
    if not shutil.which("rtpengine"):
        raise SystemExit("rtpengine is not installed (Debian: apt install rtpengine-daemon)")
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        raise SystemExit("two processors are needed: one for the relay, one for the generator")
    args.generator = cpus[1]
    work = pathlib.Path(tempfile.mkdtemp(prefix="rtp-relay-"))
    binary = work / "rtpload"
    subprocess.run(["gcc", "-O2", "-o", str(binary), str(HERE / "rtpload.c"), "-lm"], check=True)
    print(f"work in {work}; relay on processor {cpus[0]}, generator on {cpus[1]}", file=sys.stderr)
    rounds = []
    for number in range(args.rounds):
        relays = [Rtpengine(args.calls, cpus[0], work)]
        relays += [Hookswitch(args.calls, cpus[0], work, t) for t in args.transports.split(",") if t]
        shift = number % len(relays)
        figures = {}
        for relay in relays[shift:] + relays[:shift]:
            print(f"round {number + 1} of {args.rounds}: {relay.name}", file=sys.stderr)
            try:
                relay.start()
                figures[relay.name] = measure(binary, relay, args)
                if isinstance(relay, Hookswitch):
                    figures[relay.name]["thread"] = relay.allocated()
            finally:
                relay.stop()
            print(f"  {json.dumps(figures[relay.name])}", file=sys.stderr)
        rounds.append({r.name: figures[r.name] for r in relays})
    if args.out:
        pathlib.Path(args.out).write_text(json.dumps(rounds, indent=1))
    report(rounds)


if __name__ == "__main__":
    main()
