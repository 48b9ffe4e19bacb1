package io.hookswitch.engine.core;

import io.hookswitch.engine.io.RtpTransport;

/** The last step of every RTP packet: out of a leg's socket to its far end. Core thread. */
final class RtpSender {
    private final LegTable legs;
    private final RtpTransport transport;
    private final SrtpStep srtp;

    RtpSender(LegTable legs, RtpTransport transport, SrtpStep srtp) {
        this.legs = legs;
        this.transport = transport;
        this.srtp = srtp;
    }

    /** Sends bytes of a buffer to a leg's far end; the buffer is the transport's from now on. */
    void send(int row, int buffer, int offset, int plainLength) {
        int length = plainLength;
        if (legs.has(row, LegTable.SECURE)) {
            length = srtp.protectRtp(row, offset, plainLength);
            if (length < 0) {
                transport.release(buffer);
                return;
            }
        }
        int socket = legs.rtpSocket(row);
        if (legs.has(row, LegTable.LOCKED)) {
            transport.send(socket, buffer, offset, length);
        } else {
            transport.sendTo(
                    socket, buffer, offset, length, legs.sourceHigh(row), legs.sourceLow(row), legs.sourcePort(row));
        }
    }
}
