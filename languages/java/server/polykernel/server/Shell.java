package polykernel.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;
import polykernel.server.Wrapped.Origin;

/** Evaluates queries that are statements, expressions and declarations; keeps their state. */
final class Shell {
    private final Libraries libraries;
    private final List<String> options;
    private final Control control;
    private final Set<Path> added = new HashSet<>();
    private final List<Runnable> declarations = new ArrayList<>();
    private JShell shell;

    Shell(Libraries libraries, List<String> options) {
        this.libraries = libraries;
        this.options = options;
        control = new Control(new Memory(libraries));
    }

    /** What knows of all that was declared; the shell is made when it is first needed. */
    SourceCodeAnalysis analysis() {
        if (shell == null) {
            shell = JShell.builder()
                    .executionEngine(new Engine(control), Map.of())
                    .compilerOptions(options.toArray(String[]::new))
                    .build();
            shell.eval("import module java.base;");
        }
        libraries.all().stream().filter(added::add).map(Path::toString)
                .forEach(shell::addToClasspath);
        declarations.forEach(Runnable::run);
        declarations.clear();
        return shell.sourceCodeAnalysis();
    }

    /** Has what a program declared ready for later queries; made only when one comes. */
    void declare(String code, List<Shape.Part> parts) {
        parts.forEach(part -> declarations.add(() -> {
            String source = code.substring(part.start(), part.end());
            control.evaluate(shell, source, origin(Typed.NAME, code, part.start()), new Work());
        }));
    }

    /** Evaluates code of a query of this name; returns the exit code. */
    int run(String code, String query, Work work, Screen screen) {
        SourceCodeAnalysis analysis = analysis();
        List<Runnable> notes = new ArrayList<>();
        String rest = code;
        String value = null;
        while (!rest.isBlank()) {
            work.check();
            CompletionInfo info = analysis.analyzeCompletion(rest);
            if (info.completeness() == Completeness.EMPTY) {
                break;
            }
            boolean isWhole = info.completeness().isComplete();
            String source = isWhole ? info.source() : rest;
            String next = isWhole ? info.remaining() : "";
            int start = code.length() - rest.length();
            List<SnippetEvent> events =
                    control.evaluate(shell, source, origin(query, code, start), work);
            work.check();
            var outcome = new Outcome(shell, control, query, code, start);
            if (!outcome.tell(events)) {
                return 1;
            }
            notes.add(() -> outcome.tellMissing(events));
            String taken = rest.substring(0, rest.length() - next.length());
            value = taken.stripTrailing().endsWith(";") ? null : value(events.getLast());
            rest = next;
        }
        notes.forEach(Runnable::run);
        return value == null ? 0 : show(value, screen);
    }

    private int show(String value, Screen screen) {
        try {
            byte[] picture = control.picture();
            if (picture == null) {
                screen.print(value);
            } else {
                screen.show(picture);
            }
            return 0;
        } catch (Work.Interrupted interrupted) {
            throw interrupted;
        } catch (Throwable error) {
            Trace.print("main", error);
            return 1;
        }
    }

    private static Origin origin(String query, String code, int start) {
        return new Origin(query, Wrapped.newlines(code.substring(0, start)) + 1);
    }

    private static String value(SnippetEvent event) {
        boolean isExpression = event.snippet().kind() == Snippet.Kind.EXPRESSION
                || event.snippet().subKind() == Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND;
        return isExpression ? event.value() : null;
    }

    private record Engine(Control control) implements ExecutionControlProvider {
        @Override
        public String name() {
            return "polykernel";
        }

        @Override
        public ExecutionControl generate(ExecutionEnv environment, Map<String, String> parameters) {
            return control;
        }
    }
}
