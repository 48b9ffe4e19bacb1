"""Relays under test, each a child process with its calls set up, and the generator that loads them; for media-limit and soak."""
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BASE_PORT = 61000  # far ends: 61000..61007
RELAY_PORTS = (20000, 39999)
CLOCK_TICK = os.sysconf("SC_CLK_TCK")
# Master key and salt of the far ends, then the relay's own: any would do, no secret is kept with them.
SRTP_KEYS = "0123456789abcdef0123456789abcdef00112233445566778899aabbccdd:fedcba9876543210fedcba9876543210ddccbbaa99887766554433221100"
HOST = ["-cp", f"{ROOT}/bench/target/lib/*:{ROOT}/bench/target/classes", "io.hookswitch.bench.RelayHost"]
PACKETS_PER_CALL = 100  # a second: two legs, one packet each 20 ms


def compile_c(work):
    """Builds the generator and the reference relays."""
    if not shutil.which("gcc") or not pathlib.Path("/usr/include/openssl/evp.h").exists():
        raise SystemExit("the generator and the reference relays are built first (Debian: apt install gcc libc6-dev libssl-dev)")
    for name in ("rtpload", "relay_epoll", "relay_uring"):
        libraries = ["-lm", "-lcrypto"] if name == "rtpload" else []
        subprocess.run(["gcc", "-std=gnu11", "-Wall", "-Wextra", "-O2", "-o", str(work / name), str(HERE / (name + ".c"))] + libraries,
                       check=True)


def java_command():
    """The JVM with the options that ./hookswitch gives the product: what is measured is what is run."""
    homes = [os.environ.get("JAVA_HOME", "")] + sorted(map(str, pathlib.Path("/usr/lib/jvm").glob("*25*")))
    java = next((f"{home}/bin/java" for home in homes if home and os.access(f"{home}/bin/java", os.X_OK)), None)
    if not java or not (ROOT / "bench/target/lib").is_dir():
        raise SystemExit("set JAVA_HOME to a JDK 25 and build first: ./hookswitch bench --list")
    script = (ROOT / "hookswitch").read_text()
    words = [re.search(name + r"=\((.*?)\)", script, re.S).group(1).split() for name in ("native_args", "run_args")]
    return [java] + words[0] + words[1]


def host_features():
    """What the engine's host can do beyond relaying RTP."""
    return subprocess.run(java_command() + HOST + ["--features"], capture_output=True, text=True).stdout.split()


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


def ends_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Relay:
    """A relay under test: a child process with its calls set up."""
    warm_up = ((200, 1.0),)  # (calls, seconds) before anything is measured
    srtp = False

    def __init__(self, name, calls, processor, work):
        self.name, self.calls, self.processor, self.work = name, calls, processor, work
        self.child = None
        self.range = RELAY_PORTS
        self.ports = work / (name + ".ports")
        self.log = open(work / (name + ".log"), "a")

    def spawn(self, command, **streams):
        self.child = subprocess.Popen(["taskset", "-c", str(self.processor)] + command, stderr=self.log, **streams)

    def spawn_host(self, command):
        """Starts one of our own hosts, which all take the same options, and waits for its word."""
        self.spawn(command + ["--calls", str(self.calls), "--far-port", str(BASE_PORT), "--ports", "%d-%d" % self.range, "--out",
                              str(self.ports)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for line in self.child.stdout:
            self.log.write(line)
            self.log.flush()
            if line.startswith("ready"):
                return
        raise SystemExit(f"{self.name} ended early; see {self.log.name}")

    def cpu_ns(self):
        return time.clock_gettime_ns((~self.child.pid << 3) | 2)  # the process's own clock, all its threads

    def figures(self):
        """What the relay tells about itself."""
        return {}

    def stop(self):
        if self.child and self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.log.close()
        time.sleep(0.5)


class Reference(Relay):
    """One of the C relays."""

    def start(self):
        self.spawn_host([str(self.work / ("relay_" + ("uring" if self.name == "c-io_uring" else "epoll")))])


class Engine(Relay):
    """A core of the product, calls set up through its rings."""
    warm_up = ((500, 5.0), (1000, 3.0))

    def __init__(self, name, calls, processor, work, jvm=(), host=()):
        super().__init__(name, calls, processor, work)
        self.jvm, self.host = list(jvm), list(host)
        self.srtp = name == "engine-srtp"

    def start(self):
        transport = "epoll" if self.name == "engine-epoll" else "io_uring"
        self.spawn_host(java_command() + self.jvm + HOST + ["--transport", transport] + (["--srtp", SRTP_KEYS] if self.srtp else [])
                        + (["--idle", "quiet"] if self.name == "engine-quiet" else []) + self.host)

    def figures(self, word="stat"):
        self.child.stdin.write(word + "\n")
        self.child.stdin.flush()
        for line in self.child.stdout:
            if line.startswith("stat "):
                return json.loads(line[5:])
        raise SystemExit(f"{self.name} ended; see {self.log.name}")


class Rtpengine(Relay):
    """rtpengine in userspace, one worker thread."""
    control = ("127.0.0.1", 60990)

    def start(self):
        self.spawn(["rtpengine", "--config-file=none", "--table=-1", "--num-threads=1", "--interface=127.0.0.1",
                    "--listen-ng=%s:%d" % self.control, f"--port-min={RELAY_PORTS[0]}", f"--port-max={RELAY_PORTS[1]}", "--foreground",
                    "--log-stderr", "--log-level=3", "--timeout=3600", "--pidfile=" + str(self.work / "rtpengine.pid")],
                   stdout=self.log, preexec_fn=ends_with_parent)
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link.settimeout(1)
        with open(self.ports, "w") as out:
            for i in range(self.calls):
                far_a, far_b = BASE_PORT + i % 4, BASE_PORT + 4 + i % 4
                # The offer's reply is what B is told (the port of the B leg), the answer's what A is told.
                b = self.ask(link, 2 * i, "offer", far_a, **{"call-id": f"c{i}", "from-tag": "a"})
                a = self.ask(link, 2 * i + 1, "answer", far_b, **{"call-id": f"c{i}", "from-tag": "a", "to-tag": "b"})
                out.write(f"{a} {b}\n")

    def ask(self, link, number, command, far_port, **request):
        """Sends an offer or an answer. Returns the port that rtpengine gives."""
        sdp = (f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
               f"m=audio {far_port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=rtcp-mux\r\n")
        cookie = b"c%d" % number
        for _ in range(10):
            link.sendto(cookie + b" " + bencode({"command": command, "sdp": sdp, **request}), self.control)
            try:
                while True:
                    head, _, body = link.recvfrom(65536)[0].partition(b" ")
                    if head == cookie:
                        reply = bdecode(body)[0]
                        if reply.get("result") != b"ok":
                            raise SystemExit(f"rtpengine refused: {reply}")
                        line = next(l for l in reply["sdp"].decode().splitlines() if l.startswith("m=audio"))
                        return int(line.split()[1])
            except (socket.timeout, ConnectionRefusedError):
                time.sleep(0.2)
        raise SystemExit(f"rtpengine does not answer; see {self.log.name}")


def softirq_pid(processor):
    """The kernel's thread that takes over a processor's network work when there is too much of it."""
    for comm in pathlib.Path("/proc").glob("[0-9]*/comm"):
        try:
            if comm.read_text().strip() == f"ksoftirqd/{processor}":
                return int(comm.parent.name)
        except OSError:
            pass
    return None


class Generator:
    """Runs rtpload on its own processor and says what else happened meanwhile."""

    def __init__(self, work, processor, relay_processor):
        self.binary, self.processor, self.relay_processor = work / "rtpload", processor, relay_processor
        self.softirq = softirq_pid(relay_processor)

    def command(self, relay, calls, seconds, *more):
        return ["taskset", "-c", str(self.processor), str(self.binary), "--ports", str(relay.ports), "--calls", str(calls), "--seconds",
                str(seconds), "--base-port", str(BASE_PORT)] + (["--srtp", SRTP_KEYS] if relay.srtp else []) + list(more)

    def busy_ms(self):
        """Time that both processors were not idle, and time that the hypervisor took from them."""
        wanted = {f"cpu{self.processor}", f"cpu{self.relay_processor}"}
        busy = steal = 0
        for line in pathlib.Path("/proc/stat").read_text().splitlines():
            words = line.split()
            if words[0] in wanted:
                fields = list(map(int, words[1:9]))
                busy += sum(fields) - fields[3] - fields[4] - fields[7]
                steal += fields[7]
        return busy * 1000 / CLOCK_TICK, steal * 1000 / CLOCK_TICK

    def softirq_ns(self):
        try:
            return time.clock_gettime_ns((~self.softirq << 3) | 2) if self.softirq else 0
        except OSError:
            return 0

    def load(self, relay, calls, seconds):
        """One load of a relay. Returns rtpload's figures and the relay's CPU time, what was foreign, what limited."""
        relay_ns, softirq_ns, (busy, steal) = relay.cpu_ns(), self.softirq_ns(), self.busy_ms()
        child = subprocess.Popen(self.command(relay, calls, seconds), stdout=subprocess.PIPE, text=True)
        out = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"the generator failed ({child.returncode})")
        relay_ns, softirq_ns = relay.cpu_ns() - relay_ns, self.softirq_ns() - softirq_ns
        after, steal_after = self.busy_ms()
        run = json.loads(out)
        if run["bad_tags"]:
            raise SystemExit(f"{relay.name}: {run['bad_tags']} of the packets looked at had a wrong SRTP tag")
        own_ms = (relay_ns + softirq_ns) / 1e6 + (usage.ru_utime + usage.ru_stime) * 1e3
        offered = calls * PACKETS_PER_CALL * seconds
        run["us_cpu_per_packet"] = round(relay_ns / 1e3 / max(1, run["received"]), 3)
        run["us_softirq_per_packet"] = round(softirq_ns / 1e3 / max(1, run["received"]), 3)
        run["relay_busy"] = round(relay_ns / 1e9 / seconds, 3)
        run["foreign_ms"] = round(max(0, after - busy - own_ms))
        run["steal_ms"] = round(steal_after - steal)
        run["quiet"] = run["foreign_ms"] + run["steal_ms"] <= max(30, 20 * seconds)
        run["paced"] = run["sent"] >= offered * 0.98 and run["generator_drops"] == 0
        run["lossless"] = run["received"] == run["sent"]
        return run


def new_directory(prefix):
    return pathlib.Path(tempfile.mkdtemp(prefix=prefix))


def work_directory(prefix):
    work = new_directory(prefix)
    compile_c(work)
    return work


def processors():
    """(relay's, generator's) processor."""
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        raise SystemExit("two processors are needed: one for the relay, one for the generator")
    return cpus[0], cpus[1]


def machine():
    """What a figure is worth nothing without."""
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    commit = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    return {"processor": model.group(1) if model else "?", "processors": os.cpu_count(), "kernel": os.uname().release, "commit": commit,
            "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())}


def say(text):
    print(text, file=sys.stderr, flush=True)
