package io.hookswitch.engine.core;

import java.util.Arrays;

/** Which leg owns a socket, and whether it is the leg's RTCP socket: one int a socket. Core thread. */
final class SocketOwners {
    private static final int NOBODY = -1;

    private final int[] owner;

    SocketOwners(int maxSockets) {
        owner = new int[maxSockets];
        Arrays.fill(owner, NOBODY);
    }

    /** @return the row that owns a socket, or {@link LegTable#NONE}. */
    int row(int socket) {
        return owner[socket] == NOBODY ? LegTable.NONE : owner[socket] >> 1;
    }

    /** @return whether it is its leg's separate RTCP socket. */
    boolean isRtcp(int socket) {
        return (owner[socket] & 1) != 0;
    }

    void own(int row, int rtpSocket, int rtcpSocket) {
        owner[rtpSocket] = row << 1;
        owner[rtcpSocket] = row << 1 | 1;
    }

    void disown(int rtpSocket, int rtcpSocket) {
        owner[rtpSocket] = NOBODY;
        owner[rtcpSocket] = NOBODY;
    }
}
