package polykernel.server;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis.SnippetWrapper;
import jdk.jshell.execution.DirectExecutionControl;
import polykernel.server.Wrapped.Lines;
import polykernel.server.Wrapped.Origin;

/** Runs in this JVM what JShell has compiled, in a query's threads. */
final class Control extends DirectExecutionControl {
    private final Memory classes;
    private final Map<Snippet, Origin> origins = new HashMap<>();
    private final Map<String, Lines> fresh = new HashMap<>();
    private JShell shell;
    private Work work;
    private Origin origin;
    private Iterator<SnippetWrapper> expected;
    private Throwable thrown;
    private Object value;

    Control(Memory classes) {
        super(new Loading(classes));
        this.classes = classes;
    }

    /** Evaluates a piece of code of that origin. */
    List<SnippetEvent> evaluate(JShell by, String source, Origin from, Work in) {
        shell = by;
        work = in;
        origin = from;
        thrown = null;
        value = null;
        // All that is made of a single line is of that line.
        expected = source.strip().contains("\n")
                ? shell.sourceCodeAnalysis().wrappers(source).iterator()
                : Collections.emptyIterator();
        List<SnippetEvent> events = shell.eval(source);
        events.stream().filter(event -> event.causeSnippet() == null)
                .forEach(event -> origins.put(event.snippet(), from));
        fresh.clear();
        return events;
    }

    /** The exception that ended it, as it was thrown. */
    Throwable thrown() {
        return thrown;
    }

    /** The value as a picture, or null if it is none. */
    byte[] picture() throws Throwable {
        return work.call(classes, () -> Picture.png(value));
    }

    @Override
    public void load(ClassBytecodes[] loaded) throws ClassInstallException,
            NotImplementedException, EngineTerminationException {
        for (ClassBytecodes each : loaded) {
            // Each may need to know of the others.
            classes.put(each.name(), each.bytecodes());
        }
        ClassBytecodes[] relocated = loaded.clone();
        for (int i = 0; i < loaded.length; i++) {
            Lines lines = lines(Wrapped.wrapper(loaded[i].name()));
            byte[] content = Bytecode.relocated(loaded[i].bytecodes(), lines, classes);
            relocated[i] = new ClassBytecodes(loaded[i].name(), content);
        }
        super.load(relocated);
    }

    /** Those of a wrapper made anew for an earlier snippet, or of one that is being evaluated. */
    private Lines lines(String wrapper) {
        Optional<Snippet> known = Wrapped.isRenewed(wrapper)
                ? origins.keySet().stream()
                        .filter(snippet -> wrapperOf(snippet).fullClassName().equals(wrapper)).findFirst()
                : Optional.empty();
        return known.map(snippet -> Lines.of(wrapperOf(snippet), origins.get(snippet)))
                .orElseGet(() -> fresh.computeIfAbsent(wrapper, _ -> expected.hasNext()
                        ? Lines.of(expected.next(), origin)
                        : Lines.of(origin)));
    }

    private SnippetWrapper wrapperOf(Snippet snippet) {
        return shell.sourceCodeAnalysis().wrapper(snippet);
    }

    @Override
    protected String invoke(Method code) throws Exception {
        try {
            return work.call(classes, () -> valueOf(code));
        } catch (Work.Interrupted interrupted) {
            throw new StoppedException();
        } catch (InvocationTargetException error) {
            thrown = error.getCause();
            throw error;
        } catch (Throwable error) {
            // A value whose toString fails.
            thrown = error;
            throw new InvocationTargetException(error);
        }
    }

    private String valueOf(Method code) throws ReflectiveOperationException {
        value = code.invoke(null);
        return valueString(value);
    }
}
