package io.hookswitch.server.dtls;

import java.io.IOException;
import java.util.BitSet;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.DatagramTransport;
import org.bouncycastle.tls.HandshakeType;
import org.bouncycastle.tls.TlsUtils;

/**
 * Lets a client's change of cipher pass only behind its whole CertificateVerify. Bouncy Castle reads nothing of the old
 * cipher once it has changed: a CertificateVerify that was lost or overtaken would never be heard, however often it is
 * repeated. What is held back is dropped; a flight is repeated as a whole (RFC 6347 section 4.2.4). Its virtual thread.
 *
 * <pre>
 *   record:   0 byte content type   1 version, 2   3 epoch, 2   5 sequence, 6   11 length, 2   13 content
 *   message:  0 byte type   1 length, 3   4 sequence, 2   6 fragment's offset, 3   9 fragment's length, 3   12 fragment
 * </pre>
 */
final class CipherGate implements DatagramTransport {
    private static final int RECORD_HEAD = 13;
    private static final int EPOCH_OFFSET = 3;
    private static final int RECORD_LENGTH_OFFSET = 11;
    private static final int MESSAGE_HEAD = 12;
    private static final int MESSAGE_LENGTH_OFFSET = 1;
    private static final int FRAGMENT_OFFSET_OFFSET = 6;
    private static final int FRAGMENT_LENGTH_OFFSET = 9;

    private final DatagramTransport inside;
    /** Bytes of the CertificateVerify that have passed. */
    private final BitSet verify = new BitSet();

    private boolean isOpen;

    CipherGate(DatagramTransport inside) {
        this.inside = inside;
    }

    @Override
    public int getReceiveLimit() throws IOException {
        return inside.getReceiveLimit();
    }

    @Override
    public int getSendLimit() throws IOException {
        return inside.getSendLimit();
    }

    @Override
    public int receive(byte[] into, int from, int length, int waitMillis) throws IOException {
        int received = inside.receive(into, from, length, waitMillis);
        return isOpen || received < 0 ? received : passing(into, from, received);
    }

    /** @return bytes of a datagram up to the first change of cipher that comes too early. */
    private int passing(byte[] datagram, int from, int length) {
        int at = 0;
        while (at + RECORD_HEAD <= length) {
            int record = from + at;
            int contentLength = TlsUtils.readUint16(datagram, record + RECORD_LENGTH_OFFSET);
            if (at + RECORD_HEAD + contentLength > length) {
                break;
            }
            int content = datagram[record];
            if (content == ContentType.change_cipher_spec && !isOpen) {
                return at;
            }
            if (content == ContentType.handshake && TlsUtils.readUint16(datagram, record + EPOCH_OFFSET) == 0) {
                readMessages(datagram, record + RECORD_HEAD, record + RECORD_HEAD + contentLength);
            }
            at += RECORD_HEAD + contentLength;
        }
        return length;
    }

    private void readMessages(byte[] datagram, int from, int end) {
        int at = from;
        while (at + MESSAGE_HEAD <= end) {
            int length = TlsUtils.readUint24(datagram, at + MESSAGE_LENGTH_OFFSET);
            int offset = TlsUtils.readUint24(datagram, at + FRAGMENT_OFFSET_OFFSET);
            int fragment = TlsUtils.readUint24(datagram, at + FRAGMENT_LENGTH_OFFSET);
            if (at + MESSAGE_HEAD + fragment > end || offset + fragment > length || length > DtlsServer.MESSAGE_MAX) {
                return;
            }
            if (datagram[at] == HandshakeType.certificate_verify) {
                verify.set(offset, offset + fragment);
                isOpen |= verify.cardinality() >= length;
            }
            at += MESSAGE_HEAD + fragment;
        }
    }

    @Override
    public void send(byte[] bytes, int from, int length) throws IOException {
        inside.send(bytes, from, length);
    }

    @Override
    public void close() throws IOException {
        inside.close();
    }
}
