package polykernel.server;

/** Thrown in the threads of a query that is interrupted. */
public final class Stop extends Error {
    static final Stop STOP = new Stop();

    private Stop() {
        super("interrupted", null, false, false);
    }
}
