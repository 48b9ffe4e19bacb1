package io.hookswitch.systemtests.farend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * The media half of a call at a far end: says a tone in G.711 every 20 ms, presses keys, and keeps account of all that
 * it
 * hears.
 *
 * <p>Written by its reader thread and by the pacer under its own monitor.
 */
public final class RtpEnd implements AutoCloseable, Pacer.Stream {
    private static final String KEYS = "0123456789*#ABCD";
    private static final int HEARD_SAMPLES = 2 * Tone.RATE;
    private static final int EVENT_TICKS = 3;

    private final DatagramSocket socket;
    private final DatagramSocket reports;
    private final double toneHz;
    private final int ssrc = ThreadLocalRandom.current().nextInt();
    private final byte[] outgoing = new byte[12 + Tone.PACKET];
    private final byte[] onWire = new byte[outgoing.length + 16];
    private MediaGuard guard;
    private final Queue<Character> keysToPress = new ArrayDeque<>();

    private InetSocketAddress peer;
    private int payloadType;
    private int eventPayloadType = 101;
    private boolean speaking;
    /** Said instead of the tone, null = the tone; behind its end silence. */
    private short[] words;

    private int wordsAt;
    private int sequence = ThreadLocalRandom.current().nextInt(0x10000);
    private int timestamp = ThreadLocalRandom.current().nextInt();
    private long sent;
    private int keyTick;
    private int keyTimestamp;

    private final short[] samples = new short[HEARD_SAMPLES];
    private final List<Integer> payloadTypes = new ArrayList<>();
    private final Set<Integer> sources = new HashSet<>();
    private final StringBuilder keys = new StringBuilder();
    private final List<KeyHeard> keysHeard = new ArrayList<>();
    private long samplesHeard;
    private long packets;
    private long lost;
    private long disordered;
    private long timestampFaults;
    private long largestGapNs;
    private long lastNs;
    private int lastSequence;
    private int lastTimestamp;
    private boolean lastWasAudio;
    private int lastKeyTimestamp;
    private long rtcp;

    RtpEnd(InetAddress address, double toneHz) throws IOException {
        DatagramSocket rtp = null;
        DatagramSocket above = null;
        for (int attempt = 0; above == null; attempt++) {
            rtp = new DatagramSocket(0, address);
            try {
                if (rtp.getLocalPort() % 2 == 0) {
                    above = new DatagramSocket(rtp.getLocalPort() + 1, address);
                }
            } catch (IOException e) {
                if (attempt > 200) {
                    throw e;
                }
            } finally {
                if (above == null) {
                    rtp.close();
                }
            }
        }
        this.socket = rtp;
        this.reports = above;
        this.toneHz = toneHz;
    }

    /** Starts its readers. */
    void start() {
        Thread.ofVirtual().name("far-end-rtp-" + port()).start(this::read);
        Thread.ofVirtual().name("far-end-rtcp-" + port()).start(this::readReports);
    }

    /** @return its RTP port; RTCP is the one above. */
    public int port() {
        return socket.getLocalPort();
    }

    /** @return the tone that it says, Hz. */
    public double toneHz() {
        return toneHz;
    }

    /** @return where its packets go, null until an answer said so. */
    public synchronized InetSocketAddress peer() {
        return peer;
    }

    /** Protects its packets; null = plain RTP. */
    synchronized void guard(MediaGuard mediaGuard) {
        guard = mediaGuard;
    }

    /** Sends something that is not RTP from where its RTP comes. */
    public synchronized void send(byte[] bytes) {
        try {
            socket.send(new DatagramPacket(bytes, bytes.length, peer));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sets the number of its next packet. */
    public synchronized void nextSequence(int number) {
        sequence = number;
    }

    /** Points it at a far side and, when asked to, starts to speak. */
    void connect(Sdp remote, int codec, boolean speak) {
        synchronized (this) {
            peer = remote.media();
            payloadType = codec;
            eventPayloadType = remote.eventPayloadType();
            if (speaking == speak) {
                return;
            }
            speaking = speak;
        }
        if (speak) {
            Pacer.instance().add(this);
        } else {
            Pacer.instance().remove(this);
        }
    }

    /** Sends nothing more; it goes on to hear. */
    public void fallSilent() {
        Pacer.instance().remove(this);
    }

    /** Says something of its own from its next packet on, once, and nothing behind it. */
    public synchronized void say(short[] spoken) {
        words = spoken.clone();
        wordsAt = 0;
    }

    /** Presses keys one after the other, each for 60 ms or more, as telephone events. */
    public synchronized void press(String pressed) {
        for (char key : pressed.toCharArray()) {
            keysToPress.add(key);
        }
    }

    @Override
    public synchronized void onTick() {
        if (peer == null || socket.isClosed()) {
            return;
        }
        int length = keysToPress.isEmpty() ? audio() : event();
        try {
            System.arraycopy(outgoing, 0, onWire, 0, length);
            socket.send(new DatagramPacket(onWire, guard == null ? length : guard.protect(onWire, length), peer));
            sent++;
        } catch (IOException e) {
            // The far side's port is closed: a telephone goes on talking all the same.
            sent++;
        }
        timestamp += Tone.PACKET;
    }

    /** Says the next packets in a hurry, about 5,000 a second: to warm up who relays them. Any thread. */
    public void hurry(int packets) {
        for (int i = 0; i < packets; i++) {
            onTick();
            // One at a time: whoever relays them must wait for each, as it does for calls.
            LockSupport.parkNanos(100_000);
        }
    }

    private int audio() {
        header(payloadType, timestamp, sent == 0);
        for (int i = 0; i < Tone.PACKET; i++) {
            short sample = words == null ? Tone.sample(toneHz, sent * Tone.PACKET + i) : word();
            outgoing[12 + i] = payloadType == 8 ? Tone.toAlaw(sample) : Tone.toUlaw(sample);
        }
        return 12 + Tone.PACKET;
    }

    private short word() {
        return wordsAt < words.length ? words[wordsAt++] : 0;
    }

    /** Three packets while the key is down, then three that say its end (RFC 4733 section 2.5.1.4), then a pause. */
    private int event() {
        if (keyTick >= 2 * EVENT_TICKS) {
            int length = audio();
            if (++keyTick > 2 * EVENT_TICKS + 3) {
                keyTick = 0;
                keysToPress.remove();
            }
            return length;
        }
        if (keyTick == 0) {
            keyTimestamp = timestamp;
        }
        header(eventPayloadType, keyTimestamp, keyTick == 0);
        boolean end = keyTick >= EVENT_TICKS;
        int duration = Math.min(keyTick + 1, EVENT_TICKS) * Tone.PACKET;
        outgoing[12] = (byte) KEYS.indexOf(keysToPress.element());
        outgoing[13] = (byte) (end ? 0x80 | 10 : 10);
        outgoing[14] = (byte) (duration >> 8);
        outgoing[15] = (byte) duration;
        keyTick++;
        return 16;
    }

    private void header(int type, int ticks, boolean marker) {
        outgoing[0] = (byte) 0x80;
        outgoing[1] = (byte) (marker ? 0x80 | type : type);
        outgoing[2] = (byte) (sequence >> 8);
        outgoing[3] = (byte) sequence++;
        putInt(4, ticks);
        putInt(8, ssrc);
    }

    private void putInt(int at, int value) {
        outgoing[at] = (byte) (value >> 24);
        outgoing[at + 1] = (byte) (value >> 16);
        outgoing[at + 2] = (byte) (value >> 8);
        outgoing[at + 3] = (byte) value;
    }

    private void read() {
        DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
        while (!socket.isClosed()) {
            try {
                packet.setLength(2048);
                socket.receive(packet);
            } catch (IOException e) {
                continue;
            }
            onPacket(packet.getData(), packet.getLength(), System.nanoTime());
        }
    }

    private void readReports() {
        DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
        while (!reports.isClosed()) {
            try {
                packet.setLength(2048);
                reports.receive(packet);
            } catch (IOException e) {
                continue;
            }
            synchronized (this) {
                rtcp++;
            }
        }
    }

    private synchronized void onPacket(byte[] bytes, int wireLength, long nowNs) {
        int length = guard == null ? wireLength : guard.unprotect(bytes, wireLength);
        if (length < 12 || (bytes[0] & 0xC0) != 0x80) {
            return;
        }
        int type = bytes[1] & 0x7F;
        int number = (bytes[2] & 0xFF) << 8 | bytes[3] & 0xFF;
        int ticks = int32(bytes, 4);
        boolean audio = type == 0 || type == 8;
        sources.add(int32(bytes, 8));
        if (!payloadTypes.contains(type)) {
            payloadTypes.add(type);
        }
        if (packets++ > 0) {
            follow(number, ticks, audio, nowNs);
        } else {
            lastSequence = number;
        }
        lastNs = nowNs;
        lastTimestamp = ticks;
        lastWasAudio = audio;
        if (audio) {
            for (int i = 12; i < length; i++) {
                samples[(int) (samplesHeard++ % HEARD_SAMPLES)] =
                        type == 8 ? Tone.fromAlaw(bytes[i]) : Tone.fromUlaw(bytes[i]);
            }
        } else if (length >= 16 && bytes[12] < KEYS.length() && (keys.isEmpty() || ticks != lastKeyTimestamp)) {
            keys.append(KEYS.charAt(bytes[12]));
            lastKeyTimestamp = ticks;
            keysHeard.add(new KeyHeard(KEYS.charAt(bytes[12]), bytes[1] < 0, nowNs, 0, 0, 0));
        }
        if (!audio && length >= 16 && !keysHeard.isEmpty()) {
            int duration = (bytes[14] & 0xFF) << 8 | bytes[15] & 0xFF;
            keysHeard.add(keysHeard.removeLast().more(duration, bytes[13] < 0));
        }
    }

    private void follow(int number, int ticks, boolean audio, long nowNs) {
        largestGapNs = Math.max(largestGapNs, nowNs - lastNs);
        int step = (short) (number - lastSequence);
        if (step <= 0) {
            disordered++;
            lost = Math.max(0, lost - 1);
            return;
        }
        lost += step - 1;
        lastSequence = number;
        if (audio && lastWasAudio && ticks - lastTimestamp != step * Tone.PACKET) {
            timestampFaults++;
        }
    }

    private static int int32(byte[] bytes, int at) {
        return bytes[at] << 24 | (bytes[at + 1] & 0xFF) << 16 | (bytes[at + 2] & 0xFF) << 8 | bytes[at + 3] & 0xFF;
    }

    /** @return what it has heard so far. */
    public synchronized Heard heard() {
        return new Heard(
                packets,
                lost,
                disordered,
                sources.size(),
                timestampFaults,
                largestGapNs / 1e6,
                List.copyOf(payloadTypes),
                keys.toString(),
                rtcp);
    }

    /** @return the keys heard so far, packet by packet. */
    public synchronized List<KeyHeard> keysHeard() {
        return List.copyOf(keysHeard);
    }

    /** @return packets sent so far. */
    public synchronized long sent() {
        return sent;
    }

    /** @return when the last packet came, {@link System#nanoTime()}; 0 = never. */
    public synchronized long lastHeardNs() {
        return lastNs;
    }

    /** @return the first samples heard of the last two seconds; all that was heard when it was less. */
    public synchronized short[] oldestSamples(int count) {
        int held = (int) Math.min(samplesHeard, HEARD_SAMPLES);
        short[] oldest = new short[Math.min(count, held)];
        for (int i = 0; i < oldest.length; i++) {
            oldest[i] = samples[(int) ((samplesHeard - held + i) % HEARD_SAMPLES)];
        }
        return oldest;
    }

    /** @return share 0..1 of one tone in the newest 200 ms heard; 0 while less was heard. */
    public synchronized double toneShare(double hz) {
        int count = Tone.RATE / 5;
        if (samplesHeard < count) {
            return 0;
        }
        short[] newest = new short[count];
        for (int i = 0; i < count; i++) {
            newest[i] = samples[(int) ((samplesHeard - count + i) % HEARD_SAMPLES)];
        }
        return Tone.share(newest, 0, count, hz);
    }

    /** @return how many samples of audio it has heard. */
    public synchronized long samplesHeard() {
        return samplesHeard;
    }

    /** @return the samples heard from one on; they are kept for 2 s, older ones are an error. */
    public synchronized short[] samples(long from) {
        if (samplesHeard - from > HEARD_SAMPLES) {
            throw new AssertionError("samples from " + from + " on are forgotten, heard are " + samplesHeard);
        }
        short[] newest = new short[(int) (samplesHeard - from)];
        for (int i = 0; i < newest.length; i++) {
            newest[i] = samples[(int) ((from + i) % HEARD_SAMPLES)];
        }
        return newest;
    }

    /** @return whether the newest 200 ms hold that tone and next to nothing else. */
    public boolean hears(double hz) {
        return toneShare(hz) > 0.9;
    }

    @Override
    public void close() {
        Pacer.instance().remove(this);
        socket.close();
        reports.close();
    }
}
