package polykernel.server;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;

/** The standard streams, made anew for each query: whatever the last one did to them is gone. */
final class Streams {
    private static final int BUFFER = 8192;

    private final FileDescriptor input = descriptor(0);
    private final OutputStream out = new Unclosable(descriptor(1));
    private final OutputStream err = new Unclosable(descriptor(2));
    private final Field number = open(FileDescriptor.class, "fd");
    private final Field closed = open(FileDescriptor.class, "closed");
    private final Field lineReader = open(IO.class, "br");
    private PrintStream ours;

    /** Takes them from the program before, gives them to the next. */
    void renew() {
        Native.restoreDescriptors();
        Native.enterInput();
        try {
            restore(FileDescriptor.in, 0);
            restore(FileDescriptor.out, 1);
            restore(FileDescriptor.err, 2);
            lineReader.set(null, null);
        } catch (IllegalAccessException impossible) {
            throw new AssertionError(impossible);
        }
        System.setIn(new BufferedInputStream(new StandardInput(input)));
        System.setOut(printing(out));
        System.setErr(printing(err));
        ours = System.out;
    }

    /** Writes all that waits in buffers. */
    void flush() {
        ours.flush();
        System.out.flush();
        System.err.flush();
    }

    /** Where values are shown, even if the program has put another stream in the place of it. */
    PrintStream out() {
        return ours;
    }

    private static PrintStream printing(OutputStream stream) {
        return new PrintStream(new BufferedOutputStream(stream, BUFFER), true, StandardCharsets.UTF_8);
    }

    private void restore(FileDescriptor descriptor, int value) throws IllegalAccessException {
        number.setInt(descriptor, value);
        closed.setBoolean(descriptor, false);
    }

    /** One of our own: closing any stream of {@code FileDescriptor.out} closes all of them. */
    private static FileDescriptor descriptor(int value) {
        try {
            var constructor = FileDescriptor.class.getDeclaredConstructor(int.class);
            constructor.setAccessible(true);
            return constructor.newInstance(value);
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static Field open(Class<?> type, String name) {
        try {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static final class Unclosable extends FilterOutputStream {
        Unclosable(FileDescriptor descriptor) {
            super(new FileOutputStream(descriptor));
        }

        @Override
        public void write(byte[] data, int offset, int size) throws IOException {
            out.write(data, offset, size);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
