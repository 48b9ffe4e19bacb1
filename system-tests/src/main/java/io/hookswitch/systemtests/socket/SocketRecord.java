package io.hookswitch.systemtests.socket;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** One WebSocket at a server: what was heard on it, and its other direction. */
public final class SocketRecord {
    private static final int FIN = 0x80;
    private static final int MASKED = 0x80;

    private final Socket socket;
    private final String request;
    private final Map<String, String> headers;
    private final List<String> texts = new ArrayList<>();
    private final ByteArrayOutputStream audio = new ByteArrayOutputStream();
    private final List<String> faults = new ArrayList<>();
    private long firstTextNs;
    private long firstAudioNs;
    private long lastAudioNs;
    private int closeCode;
    private boolean gone;

    SocketRecord(Socket socket, String request, Map<String, String> headers) {
        this.socket = socket;
        this.request = request;
        this.headers = Map.copyOf(headers);
    }

    Socket socket() {
        return socket;
    }

    /** @return the request line. */
    public String request() {
        return request;
    }

    /** @return a header of the handshake, by its name as it was sent; null = none. */
    public String header(String name) {
        return headers.entrySet().stream()
                .filter(each -> each.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    /** @return text frames so far. */
    public synchronized List<String> texts() {
        return List.copyOf(texts);
    }

    /** @return what was against the protocol. */
    public synchronized List<String> faults() {
        return List.copyOf(faults);
    }

    /** @return bytes of audio so far. */
    public synchronized int audioBytes() {
        return audio.size();
    }

    /** @return ns from the first text to the first audio; negative when either is missing. */
    public synchronized long untilAudioNs() {
        return firstTextNs == 0 || firstAudioNs == 0 ? -1 : firstAudioNs - firstTextNs;
    }

    /** @return ns from the first to the last frame of audio. */
    public synchronized long audioNs() {
        return lastAudioNs - firstAudioNs;
    }

    /** @return the newest samples of one of some interleaved channels. */
    public synchronized short[] newest(int samples, int channels, int channel) {
        byte[] bytes = audio.toByteArray();
        int frames = bytes.length / 2 / channels;
        short[] newest = new short[Math.min(samples, frames)];
        for (int i = 0; i < newest.length; i++) {
            int at = ((frames - newest.length + i) * channels + channel) * 2;
            newest[i] = (short) (bytes[at] & 0xFF | bytes[at + 1] << 8);
        }
        return newest;
    }

    /** @return the code that it was closed with, 0 = it was not. */
    public synchronized int closeCode() {
        return closeCode;
    }

    /** @return whether the connection has ended. */
    public synchronized boolean isGone() {
        return gone;
    }

    /** Sends text. */
    public void text(String text) {
        send(1, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Closes. */
    public void close(int code) {
        send(8, new byte[] {(byte) (code >> 8), (byte) code});
    }

    void send(int opcode, byte[] payload) {
        try {
            synchronized (socket) {
                write(socket.getOutputStream(), opcode, payload);
            }
        } catch (SocketException e) {
            synchronized (this) {
                gone = true;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void write(OutputStream out, int opcode, byte[] payload) throws IOException {
        int length = payload.length;
        byte[] head;
        if (length < 126) {
            head = new byte[] {(byte) (FIN | opcode), (byte) length};
        } else if (length < 1 << 16) {
            head = new byte[] {(byte) (FIN | opcode), 126, (byte) (length >> 8), (byte) length};
        } else {
            head = new byte[] {
                (byte) (FIN | opcode),
                127,
                0,
                0,
                0,
                0,
                (byte) (length >> 24),
                (byte) (length >> 16),
                (byte) (length >> 8),
                (byte) length
            };
        }
        out.write(head);
        out.write(payload);
        out.flush();
    }

    void read(BufferedInputStream in) throws IOException {
        try {
            for (int first = in.read(); first >= 0; first = in.read()) {
                frame(first, in);
            }
        } finally {
            synchronized (this) {
                gone = true;
            }
        }
    }

    private void frame(int first, BufferedInputStream in) throws IOException {
        int second = in.read();
        int length = second & 0x7F;
        if (length == 126) {
            length = in.read() << 8 | in.read();
        } else if (length == 127) {
            in.skipNBytes(4);
            length = in.read() << 24 | in.read() << 16 | in.read() << 8 | in.read();
        }
        boolean masked = (second & MASKED) != 0;
        byte[] mask = in.readNBytes(masked ? 4 : 0);
        byte[] payload = in.readNBytes(length);
        for (int i = 0; masked && i < payload.length; i++) {
            payload[i] ^= mask[i & 3];
        }
        synchronized (this) {
            if (!masked || (first & 0x70) != 0) {
                faults.add("a frame that is not masked, or has reserved bits");
            }
            keep(first & 0x0F, payload);
        }
    }

    private void keep(int opcode, byte[] payload) {
        long nowNs = System.nanoTime();
        switch (opcode) {
            case 1 -> {
                firstTextNs = texts.isEmpty() ? nowNs : firstTextNs;
                texts.add(new String(payload, StandardCharsets.UTF_8));
            }
            case 2 -> {
                if (texts.isEmpty()) {
                    faults.add("audio before the first text");
                }
                firstAudioNs = audio.size() == 0 ? nowNs : firstAudioNs;
                lastAudioNs = nowNs;
                audio.writeBytes(payload);
            }
            case 8 -> closeCode = payload.length < 2 ? -1 : (payload[0] & 0xFF) << 8 | payload[1] & 0xFF;
            default -> faults.add("opcode " + opcode);
        }
    }

    /** Waits, without reading, until the server is closed. */
    void awaitGone() {
        while (!socket.isClosed()) {
            LockSupport.parkNanos(10_000_000);
        }
    }

    @Override
    public String toString() {
        return request + " texts " + texts() + " audio " + audioBytes() + " closed " + closeCode() + " faults "
                + faults();
    }
}
