package polykernel.server;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.util.Objects;

/** The input of one query. A program may close it: the next query's is another. */
final class StandardInput extends FileInputStream {
    private boolean closed;

    StandardInput(FileDescriptor input) {
        super(input);
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into) {
        return read(into, 0, into.length);
    }

    @Override
    public int read(byte[] into, int offset, int size) {
        Objects.checkFromIndexSize(offset, size, into.length);
        if (size == 0 || closed) {
            return closed ? -1 : 0;
        }
        int got = Native.readInput(into, offset, size);
        if (got == Native.LEFT) {
            throw Stop.STOP;
        }
        return got;
    }

    @Override
    public void close() {
        closed = true;
    }
}
