package polykernel.server;

/** What {@code native.c} does. */
@SuppressWarnings("restricted")
final class Native {
    /** What {@link #readInput} returns when the input was left. */
    static final int LEFT = -2;

    static {
        System.load(System.getProperty("polykernel.native"));
    }

    private Native() {}

    /** Throws an error in another thread, wherever that is; it comes when the thread next looks. */
    static native void stop(Thread thread, Throwable error);

    /** Makes descriptors 0, 1 and 2 what they were at the start: programs close them. */
    static native void restoreDescriptors();

    /** Lets whoever reads the input, now or later, find it left. */
    static native void leaveInput();

    /** Takes that back. */
    static native void enterInput();

    /** Reads from descriptor 0; returns the count of bytes, -1 at the end, or {@link #LEFT}. */
    static native int readInput(byte[] into, int offset, int size);
}
