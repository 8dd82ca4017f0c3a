package polykernel.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import jdk.internal.misc.Signal;

/** Evaluates queries: {@code Server SOCKET [JAVAC-OPTION...]}. */
public final class Server {
    private static final int FAILED = 1;
    private static final int INTERRUPTED = 130;

    private final Connection connection;
    private final Streams streams = new Streams();
    private final Libraries libraries = new Libraries(Path.of("").toAbsolutePath());
    private final Compiler compiler;
    private final Programs programs;
    private final Shell shell;
    private volatile Work work = new Work();
    private int queries;

    private Server(Connection connection, List<String> options) {
        this.connection = connection;
        compiler = new Compiler(options);
        programs = new Programs(compiler, libraries);
        shell = new Shell(libraries, options);
        work.close();
    }

    public static void main(String[] arguments) throws IOException {
        List<String> options = Arrays.asList(arguments).subList(1, arguments.length);
        try (var connection = new Connection(Path.of(arguments[0]))) {
            new Server(connection, options).serve();
        }
        // Threads that queries have left do not keep the process.
        System.exit(0);
    }

    private void serve() throws IOException {
        Signal.handle(new Signal("INT"), _ -> work.interrupt());
        Thread.setDefaultUncaughtExceptionHandler(Trace::print);
        connection.send("ready");
        for (var message = connection.receive(); message != null; message = connection.receive()) {
            switch (message.kind()) {
                case "evaluate" -> connection.send("done " + evaluate(message.text()));
                default -> new Assistance(shell.analysis(), connection).answer(message);
            }
        }
    }

    private int evaluate(String code) throws IOException {
        streams.renew();
        work = new Work();
        try {
            return run(code, "In[" + ++queries + "]");
        } catch (Work.Interrupted interrupted) {
            return INTERRUPTED;
        } catch (RuntimeException | Error failure) {
            failure.printStackTrace();
            return FAILED;
        } finally {
            work.close();
            streams.flush();
        }
    }

    private int run(String code, String query) throws IOException {
        libraries.refresh();
        Shape shape = Shape.of(code, compiler);
        if (!shape.isProgram()) {
            return shell.run(code, query, work, new Screen(streams, connection));
        }
        int exitCode = programs.run(code, work);
        shell.declare(code, shape.declared());
        return exitCode;
    }
}
