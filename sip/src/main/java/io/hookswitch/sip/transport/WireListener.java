package io.hookswitch.sip.transport;

import java.net.InetSocketAddress;
import org.agrona.DirectBuffer;

/** What comes in from the sockets, on the sip thread. Bytes are valid during the call only. */
public interface WireListener {
    /** A datagram, unchecked. */
    void onDatagram(UdpEndpoint endpoint, DirectBuffer buffer, int offset, int length, InetSocketAddress source);

    /** A message cut out of a stream; the guard has its verdict and has just read exactly these bytes. */
    void onFrame(StreamFlow flow, int verdict, DirectBuffer buffer, int offset, int length);

    /** A connection has ended, whoever closed it. */
    default void onClosed(StreamFlow flow) {}

    /** A message that a socket did not take after all: refused, unreachable, timed out. */
    void onSendFailed(byte[] message);
}
