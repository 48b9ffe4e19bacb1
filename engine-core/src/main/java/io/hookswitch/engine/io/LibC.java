package io.hookswitch.engine.io;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The few system calls that Netty does not offer without an object or an exception per packet. Every answer is what the
 * call returned or a negative errno. One instance a thread: errno is captured into it. Addresses are raw: the caller
 * keeps their memory alive.
 */
@SuppressWarnings("restricted") // Calling native code is what this class is for.
final class LibC {
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int MSG_TRUNC = 0x20;
    static final int MSG_DONTWAIT = 0x40;
    static final int MSG_NOSIGNAL = 0x4000;
    static final int IPPROTO_IP = 0;
    static final int IPPROTO_IPV6 = 41;
    static final int IP_TOS = 1;
    static final int IPV6_V6ONLY = 26;
    static final int IPV6_TCLASS = 67;
    static final int SCHED_FIFO = 1;

    private static final int PRIO_PROCESS = 0;

    private static final int SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 04000 | 02000000;
    private static final long SYS_IO_URING_SETUP = 425;
    private static final long SYS_IO_URING_ENTER = 426;
    private static final long SYS_IO_URING_REGISTER = 427;
    private static final int EFD_CLOEXEC = 02000000;
    private static final int PROT_READ_WRITE = 1 | 2;
    private static final int MAP_SHARED_POPULATE = 1 | 0x8000;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle SOCKET = handle("socket", INT, INT, INT, INT);
    private static final MethodHandle BIND = handle("bind", INT, INT, LONG, INT);
    private static final MethodHandle CONNECT = handle("connect", INT, INT, LONG, INT);
    private static final MethodHandle GETSOCKNAME = handle("getsockname", INT, INT, LONG, LONG);
    private static final MethodHandle SETSOCKOPT = handle("setsockopt", INT, INT, INT, INT, LONG, INT);
    private static final MethodHandle RECVFROM = handle("recvfrom", LONG, INT, LONG, LONG, INT, LONG, LONG);
    private static final MethodHandle SENDTO = handle("sendto", LONG, INT, LONG, LONG, INT, LONG, INT);
    private static final MethodHandle CLOSE = handle("close", INT, INT);
    private static final MethodHandle MMAP = handle("mmap", LONG, LONG, LONG, INT, INT, INT, LONG);
    private static final MethodHandle MUNMAP = handle("munmap", INT, LONG, LONG);
    private static final MethodHandle SCHEDULE = handle("sched_setscheduler", INT, INT, INT, LONG);
    private static final MethodHandle SETPRIORITY = handle("setpriority", INT, INT, INT, INT);
    private static final MethodHandle EVENTFD = handle("eventfd", INT, INT, INT);
    private static final MethodHandle EVENTFD_WRITE = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("eventfd_write"),
                    FunctionDescriptor.of(INT, INT, LONG));
    private static final MethodHandle SYSCALL = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                    FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG),
                    Linker.Option.captureCallState("errno"),
                    Linker.Option.firstVariadicArg(1));

    private final MemorySegment state = Arena.ofAuto().allocate(STATE);
    private final MemorySegment option = Arena.ofAuto().allocate(INT);

    private static MethodHandle handle(String name, MemoryLayout result, MemoryLayout... parameters) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(result, parameters),
                Linker.Option.captureCallState("errno"));
    }

    /** @return descriptor of a new non-blocking datagram socket. */
    int socket(int family) {
        try {
            return answer((int) SOCKET.invokeExact(state, family, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    int bind(int fd, long socketAddress, int length) {
        try {
            return answer((int) BIND.invokeExact(state, fd, socketAddress, length));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    int connect(int fd, long socketAddress, int length) {
        try {
            return answer((int) CONNECT.invokeExact(state, fd, socketAddress, length));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    int localAddress(int fd, long socketAddress, long lengthAddress) {
        try {
            return answer((int) GETSOCKNAME.invokeExact(state, fd, socketAddress, lengthAddress));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    int option(int fd, int level, int name, int value) {
        option.set(INT, 0, value);
        try {
            return answer((int) SETSOCKOPT.invokeExact(state, fd, level, name, option.address(), (int) INT.byteSize()));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** @return bytes of the datagram (with {@link #MSG_TRUNC}: even when longer than the buffer). */
    int receive(int fd, long address, int length, int flags, long socketAddress, long lengthAddress) {
        try {
            return answer((int) (long)
                    RECVFROM.invokeExact(state, fd, address, (long) length, flags, socketAddress, lengthAddress));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Sends to an address, or with address 0 and length 0 to the connected far end. */
    int send(int fd, long address, int length, int flags, long socketAddress, int socketAddressLength) {
        try {
            return answer((int) (long)
                    SENDTO.invokeExact(state, fd, address, (long) length, flags, socketAddress, socketAddressLength));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    int close(int fd) {
        try {
            return answer((int) CLOSE.invokeExact(state, fd));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Maps memory shared with the kernel. @return its address or a negative errno. */
    long map(int fd, long offset, long length) {
        try {
            long address = (long) MMAP.invokeExact(state, 0L, length, PROT_READ_WRITE, MAP_SHARED_POPULATE, fd, offset);
            return address == -1 ? -state.get(INT, ERRNO_OFFSET) : address;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    int unmap(long address, long length) {
        try {
            return answer((int) MUNMAP.invokeExact(state, address, length));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** The system call io_uring_setup(2). @return the ring's descriptor. */
    int ringSetup(int entries, long parameters) {
        return call(SYS_IO_URING_SETUP, entries, parameters, 0, 0);
    }

    /** The system call io_uring_enter(2). @return how many operations were taken. */
    int ringEnter(int ringFd, int submit, int waitFor, int flags) {
        return call(SYS_IO_URING_ENTER, ringFd, submit, waitFor, flags);
    }

    /** @return descriptor of a new counter to wake by, see {@link #signal}. */
    int eventCounter() {
        try {
            return answer((int) EVENTFD.invokeExact(state, 0, EFD_CLOEXEC));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Adds one to an event counter. Any thread. @return 0 or -1. */
    static int signal(int eventFd) {
        try {
            return (int) EVENTFD_WRITE.invokeExact(eventFd, 1L);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Sets the class of the calling thread, sched_setscheduler(2); {@code parameter} is the address of its priority.
     */
    int schedule(int policy, long parameter) {
        try {
            return answer((int) SCHEDULE.invokeExact(state, 0, policy, parameter));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Sets the nice value of a thread, setpriority(2). */
    int nice(int thread, int value) {
        try {
            return answer((int) SETPRIORITY.invokeExact(state, PRIO_PROCESS, thread, value));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** The system call io_uring_register(2). */
    int ringRegister(int ringFd, int opcode, long argument, int count) {
        return call(SYS_IO_URING_REGISTER, ringFd, opcode, argument, count);
    }

    private int call(long number, long first, long second, long third, long fourth) {
        try {
            return answer((int) (long) SYSCALL.invokeExact(state, number, first, second, third, fourth, 0L, 0L));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private int answer(int result) {
        return result == -1 ? -state.get(INT, ERRNO_OFFSET) : result;
    }
}
