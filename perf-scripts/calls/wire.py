"""What a capture of a load run says: when each SIP message and packet of RTP passed the loopback interface."""
import bisect
import re
import struct

ETHERNET, UDP = 14, 17
PORT_OF_MEDIA = re.compile(rb"^m=audio (\d+) ", re.M)


def datagrams(path):
    """(seconds, source port, destination port, payload) of each UDP datagram in a pcap file, in its order."""
    with open(path, "rb") as file:
        magic = file.read(24)[:4]
        ticks = {b"\xd4\xc3\xb2\xa1": 1e6, b"\x4d\x3c\xb2\xa1": 1e9}.get(magic)
        if not ticks:
            raise SystemExit(f"{path} is no pcap file of this machine")
        while len(head := file.read(16)) == 16:
            whole, part, length, _ = struct.unpack("<IIII", head)
            frame = file.read(length)
            ip = ETHERNET + (frame[ETHERNET] & 15) * 4
            if frame[ETHERNET] >> 4 == 4 and frame[ETHERNET + 9] == UDP:
                source, target = struct.unpack(">HH", frame[ip:ip + 4])
                yield whole + part / ticks, source, target, frame[ip + 8:]


def header(message, name):
    """Value of the first header of that name."""
    at = message.find(b"\r\n" + name + b": ")
    if at < 0:
        return b""
    at += len(name) + 4
    return message[at:message.index(b"\r\n", at)]


def media_port(message):
    found = PORT_OF_MEDIA.search(message)
    return int(found.group(1)) if found else 0


class Call:
    """Times of one call, seconds; 0 = did not happen."""

    def __init__(self):
        self.invited = self.answered = self.accepted = self.bye_in = self.bye_out = 0.0
        self.said_port = self.heard_port = 0  # the engine's, toward callee and caller


class Wire:
    """Reads a capture. Callers are at one port, callees at another, the engine at its own."""

    def __init__(self, engine, caller, callee):
        self.engine, self.caller, self.callee = engine, caller, callee
        self.calls = {}
        self.by_callee_id, self.rtp_from, self.rtp_to = {}, {}, {}
        self.repeated = 0
        self.seen = set()

    def read(self, path):
        for when, source, target, payload in datagrams(path):
            if source == self.engine or target == self.engine:
                self.on_sip(when, source, target, payload)
            elif len(payload) >= 12 and payload[0] >> 6 == 2:
                self.rtp_from.setdefault(source, []).append(when)
                self.rtp_to.setdefault(target, []).append(when)
        return self

    def on_sip(self, when, source, target, message):
        start = message[:message.find(b"\r\n")]
        call_id, cseq = header(message, b"Call-ID"), header(message, b"CSeq")
        same = (source, call_id, cseq, start[:12])
        if same in self.seen and not cseq.endswith(b"ACK"):
            self.repeated += 1
            return
        self.seen.add(same)
        if source == self.caller:
            self.of_caller(when, start, call_id)
        elif target == self.caller:
            if start.startswith(b"SIP/2.0 200") and cseq.endswith(b"INVITE") and call_id in self.calls:
                self.calls[call_id].accepted = when
                self.calls[call_id].heard_port = media_port(message)
        elif target == self.callee:
            self.to_callee(when, start, call_id, message)
        elif source == self.callee and start.startswith(b"SIP/2.0 200") and cseq.endswith(b"INVITE") and call_id in self.by_callee_id:
            self.by_callee_id[call_id].answered = when

    def of_caller(self, when, start, call_id):
        if start.startswith(b"INVITE"):
            self.calls[call_id] = Call()
            self.calls[call_id].invited = when
        elif start.startswith(b"BYE") and call_id in self.calls:
            self.calls[call_id].bye_in = when

    def to_callee(self, when, start, call_id, message):
        if start.startswith(b"INVITE"):
            call = self.calls.get(header(message, b"X-CID"))
            if call:
                self.by_callee_id[call_id] = call
                call.said_port = media_port(message)
        elif start.startswith(b"BYE") and call_id in self.by_callee_id:
            self.by_callee_id[call_id].bye_out = when

    def latencies(self):
        """Milliseconds, sorted, of each call that has them: name -> list."""
        taken = {"set-up": [], "bye": [], "bridge": []}
        for call in self.calls.values():
            if call.accepted:
                taken["set-up"].append(call.accepted - call.invited)
            if call.bye_in and call.bye_out:
                taken["bye"].append(call.bye_out - call.bye_in)
            said = first_behind(self.rtp_to.get(call.said_port, ()), call.invited)
            heard = first_behind(self.rtp_from.get(call.heard_port, ()), max(call.answered, said))
            if call.answered and said and heard:
                taken["bridge"].append(heard - max(call.answered, said))
        return {name: sorted(1e3 * seconds for seconds in values) for name, values in taken.items()}


def first_behind(times, when):
    at = bisect.bisect_left(times, when)
    return times[at] if at < len(times) else 0.0
