package io.hookswitch.engine.io;

import java.lang.invoke.VarHandle;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The ring of receive buffers that the kernel picks from for all sockets (io_uring_register(2),
 * IORING_REGISTER_PBUF_RING). Entry i of 16 bytes:
 *
 * <pre>
 *   0 long address    8 int length   12 short buffer index   14 short, of entry 0 only: the ring's tail
 * </pre>
 */
final class ProvidedBuffers {
    /** Group number that receives name; one ring, one group. */
    static final short GROUP = 0;

    private static final int REGISTER = 22;
    private static final int UNREGISTER = 23;
    private static final int ENTRY_LENGTH = 16;
    private static final int LENGTH_OFFSET = 8;
    private static final int INDEX_OFFSET = 12;
    private static final int TAIL_OFFSET = 14;
    private static final int ARGUMENT_LENGTH = 40;
    private static final int PAGE = 4096;

    private final SocketTransport transport;
    private final UnsafeBuffer ring;
    private final UnsafeBuffer argument;
    private final int mask;
    private final int bufferBytes;
    private final int ringFd;
    private boolean registered;
    private short tail;
    private int available;

    ProvidedBuffers(SocketTransport transport, int ringFd) {
        this.ringFd = ringFd;
        this.transport = transport;
        int count = transport.settings.receiveBuffers();
        mask = count - 1;
        bufferBytes = transport.settings.bufferBytes();
        int length = count * ENTRY_LENGTH;
        ring = new UnsafeBuffer(transport.arena.allocate(length, PAGE).address(), length);
        argument = new UnsafeBuffer(
                transport.arena.allocate(ARGUMENT_LENGTH, Long.BYTES).address(), ARGUMENT_LENGTH);
    }

    /** Registers with the ring and fills it. @return 0 or a negative errno. */
    int register() {
        argument.setMemory(0, ARGUMENT_LENGTH, (byte) 0);
        argument.putLong(0, ring.addressOffset());
        argument.putInt(8, mask + 1);
        argument.putShort(12, GROUP);
        int answer = transport.libc.ringRegister(ringFd, REGISTER, argument.addressOffset(), 1);
        if (answer < 0) {
            return answer;
        }
        registered = true;
        for (int i = 0; i <= mask; i++) {
            add(i);
        }
        return 0;
    }

    void unregister() {
        if (registered) {
            argument.setMemory(0, ARGUMENT_LENGTH, (byte) 0);
            argument.putShort(12, GROUP);
            transport.libc.ringRegister(ringFd, UNREGISTER, argument.addressOffset(), 1);
            registered = false;
        }
    }

    /** Gives a buffer to the kernel. */
    void add(int buffer) {
        int at = (tail & mask) * ENTRY_LENGTH;
        ring.putLong(at, transport.memoryAddress + (long) buffer * bufferBytes);
        ring.putInt(at + LENGTH_OFFSET, bufferBytes);
        ring.putShort(at + INDEX_OFFSET, (short) buffer);
        tail++;
        available++;
        // The kernel reads the tail first, the entry behind it: the entry must be there before.
        VarHandle.releaseFence();
        ring.putShort(TAIL_OFFSET, tail);
    }

    /** The kernel took one. */
    void taken() {
        available--;
    }

    /** @return how many the kernel has left, as far as we were told. */
    int available() {
        return available;
    }
}
