package polykernel.server;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** Tells of an exception that nobody caught, as the JVM would where nothing is below main. */
final class Trace {
    private Trace() {}

    static void print(Thread thread, Throwable error) {
        if (error != Stop.STOP) {
            print(thread.getName(), error);
        }
    }

    static void print(String thread, Throwable error) {
        trim(error, Collections.newSetFromMap(new IdentityHashMap<>()));
        var text = new StringWriter();
        error.printStackTrace(new PrintWriter(text, true));
        System.err.print("Exception in thread \"" + thread + "\" " + Wrapped.unwrapped(text.toString()));
        System.err.flush();
    }

    private static void trim(Throwable error, Set<Throwable> seen) {
        if (error == null || !seen.add(error)) {
            return;
        }
        StackTraceElement[] frames = error.getStackTrace();
        int end = frames.length;
        while (end > 0 && isBelowMain(frames[end - 1])) {
            end--;
        }
        error.setStackTrace(Arrays.copyOf(frames, end));
        trim(error.getCause(), seen);
        for (Throwable suppressed : error.getSuppressed()) {
            trim(suppressed, seen);
        }
    }

    private static boolean isBelowMain(StackTraceElement frame) {
        String name = frame.getClassName();
        return name.startsWith("polykernel.server.")
                || name.startsWith("java.lang.reflect.")
                || name.startsWith("jdk.internal.reflect.")
                || name.startsWith("jdk.jshell.");
    }
}
