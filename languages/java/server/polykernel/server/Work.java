package polykernel.server;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.function.Predicate;

/**
 * The threads of one query's own code.
 *
 * <p>An interrupt first asks them to end, then throws {@link Stop} in them until they do, so that
 * a loop ends which never looks. The server's own thread runs nothing of the user's, and so is
 * never torn out of what it does.
 */
final class Work {
    /** The query has been interrupted, and goes no further. */
    static final class Interrupted extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static final ThreadGroup ROOT = root(Thread.currentThread().getThreadGroup());
    /** Milliseconds that a thread which was asked has to end by itself, and at first between two throws. */
    private static final int PATIENCE = 100;

    private final ThreadGroup group = new Quiet();
    private volatile boolean interrupted;
    private volatile boolean ending;
    private boolean over;

    /** Runs code in a thread of its own; throws what that throws. */
    <T> T call(ClassLoader loader, Callable<T> code) throws Throwable {
        var main = new Main<>(group, code);
        main.setContextClassLoader(loader);
        synchronized (this) {
            check();
            main.start();
        }
        join(main, 0);
        check();
        if (main.thrown != null) {
            throw main.thrown;
        }
        return main.value;
    }

    /** Throws {@link Interrupted} if the query has been interrupted. */
    void check() {
        if (interrupted) {
            throw new Interrupted();
        }
    }

    /** Interrupts the query; returns when it has stopped. */
    synchronized void interrupt() {
        if (over) {
            return;
        }
        interrupted = true;
        ending = true;
        Native.leaveInput();
        threads(group, this::isOurs).forEach(Thread::interrupt);
        threads(group, Main.class::isInstance).forEach(main -> join(main, PATIENCE));
        // Whoever is busy may be so for this query, even if an earlier one has started it.
        stop(thread -> isBusy(thread) || isOurs(thread) && thread instanceof Main);
    }

    /** Waits for what a program has started, as the JVM does before it ends. */
    void await() {
        for (var left = lasting(); left.isPresent(); left = lasting()) {
            check();
            join(left.get(), PATIENCE);
        }
        check();
    }

    /** Ends what is left of a program. */
    void end() {
        ending = true;
        List<Thread> left = threads(group, this::isOurs);
        left.forEach(Pools::shutDown);
        left.forEach(Thread::interrupt);
        stop(this::isOurs);
    }

    /** Ends the query: from here on there is nothing to interrupt. */
    synchronized void close() {
        over = true;
    }

    private static void stop(Predicate<Thread> which) {
        int pause = PATIENCE;
        for (var left = threads(ROOT, which); !left.isEmpty(); left = threads(ROOT, which)) {
            left.forEach(thread -> Native.stop(thread, Stop.STOP));
            join(left.getFirst(), pause);
            // What has been divided into many tasks ends by as many throws.
            pause = Math.max(1, pause / 2);
        }
    }

    private Optional<Thread> lasting() {
        return threads(group, thread -> !thread.isDaemon()).stream().findFirst();
    }

    /** Whether a thread is of this query; nobody knows whose tasks those of the common pool are. */
    private boolean isOurs(Thread thread) {
        if (thread instanceof ForkJoinWorkerThread worker
                && worker.getPool() == ForkJoinPool.commonPool()) {
            return isBusy(thread);
        }
        ThreadGroup its = thread.getThreadGroup();
        return its != null && group.parentOf(its);
    }

    /** Whether a thread computes, and not only for its pool: those break when they are stopped. */
    private static boolean isBusy(Thread thread) {
        StackTraceElement[] frames = thread.getStackTrace();
        return thread.getState() == Thread.State.RUNNABLE
                && frames.length > 0
                && !frames[0].isNativeMethod()
                && Arrays.stream(frames).anyMatch(Work::isTask);
    }

    private static boolean isTask(StackTraceElement frame) {
        return frame.getModuleName() == null && !frame.getClassName().startsWith("polykernel.")
                || frame.getClassName().equals(ForkJoinTask.class.getName())
                        && frame.getMethodName().equals("doExec");
    }

    private static ThreadGroup root(ThreadGroup group) {
        return group.getParent() == null ? group : root(group.getParent());
    }

    private static List<Thread> threads(ThreadGroup group, Predicate<Thread> which) {
        Thread[] found = new Thread[group.activeCount() + 16];
        return Arrays.stream(found, 0, group.enumerate(found)).filter(which).toList();
    }

    private static void join(Thread thread, int milliseconds) {
        try {
            thread.join(milliseconds);
        } catch (InterruptedException nobodyDoes) {
            throw new AssertionError(nobodyDoes);
        }
    }

    /** Says nothing of threads that end because they were told to. */
    private final class Quiet extends ThreadGroup {
        Quiet() {
            super("main");
        }

        @Override
        public void uncaughtException(Thread thread, Throwable error) {
            if (error != Stop.STOP && !ending) {
                super.uncaughtException(thread, error);
            }
        }
    }

    private static final class Main<T> extends Thread {
        private final Callable<T> code;
        private T value;
        private Throwable thrown;

        Main(ThreadGroup group, Callable<T> code) {
            super(group, null, "main");
            this.code = code;
        }

        @Override
        public void run() {
            try {
                value = code.call();
            } catch (Throwable error) {
                thrown = error;
            }
        }
    }
}
