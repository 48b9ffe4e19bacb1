package io.hookswitch.sip.transport;

import org.agrona.DirectBuffer;

/** Methods the wire treats apart. */
public final class Method {
    /** Any method not named here. */
    public static final int OTHER = 0;
    /** INVITE. */
    public static final int INVITE = 1;
    /** ACK: never answered. */
    public static final int ACK = 2;
    /** CANCEL: its transaction has the branch of another. */
    public static final int CANCEL = 3;
    /** BYE. */
    public static final int BYE = 4;

    private static final byte[] INVITE_NAME = Ascii.bytes("INVITE");
    private static final byte[] ACK_NAME = Ascii.bytes("ACK");
    private static final byte[] CANCEL_NAME = Ascii.bytes("CANCEL");
    private static final byte[] BYE_NAME = Ascii.bytes("BYE");

    private Method() {}

    static int of(DirectBuffer buffer, int from, int length) {
        return switch (length) {
            case 3 -> same(buffer, from, ACK_NAME) ? ACK : same(buffer, from, BYE_NAME) ? BYE : OTHER;
            case 6 -> same(buffer, from, INVITE_NAME) ? INVITE : same(buffer, from, CANCEL_NAME) ? CANCEL : OTHER;
            default -> OTHER;
        };
    }

    private static boolean same(DirectBuffer buffer, int from, byte[] name) {
        for (int i = 0; i < name.length; i++) {
            if (buffer.getByte(from + i) != name[i]) {
                return false;
            }
        }
        return true;
    }
}
