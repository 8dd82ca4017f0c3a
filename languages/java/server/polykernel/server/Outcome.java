package polykernel.server;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.Diag;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.UnresolvedReferenceException;

/** Tells what went wrong with a piece of a query that stands at {@code start} of the code. */
record Outcome(JShell shell, Control control, String query, String code, int start) {
    private static final Set<Snippet.Status> WAITING = EnumSet.of(
            Snippet.Status.RECOVERABLE_DEFINED, Snippet.Status.RECOVERABLE_NOT_DEFINED);

    /** Returns whether the query may go on. */
    boolean tell(List<SnippetEvent> events) {
        return events.stream().filter(event -> event.causeSnippet() == null).allMatch(this::tell);
    }

    private boolean tell(SnippetEvent event) {
        Snippet snippet = event.snippet();
        if (event.status() == Snippet.Status.REJECTED) {
            report(shell.diagnostics(snippet).toList());
            return false;
        }
        if (event.exception() instanceof UnresolvedReferenceException unresolved) {
            System.err.println(at(start) + "error: " + missing(unresolved.getSnippet()));
            return false;
        }
        if (event.exception() != null) {
            Trace.print("main", control.thrown());
            return false;
        }
        return true;
    }

    /** Tells of what can be used only when later queries declare more. */
    void tellMissing(List<SnippetEvent> events) {
        events.stream().map(SnippetEvent::snippet)
                .filter(snippet -> snippet instanceof DeclarationSnippet)
                .map(DeclarationSnippet.class::cast)
                .filter(snippet -> WAITING.contains(shell.status(snippet)))
                .forEach(snippet -> System.err.println(at(start) + "note: " + missing(snippet)));
    }

    private String missing(DeclarationSnippet snippet) {
        return shell.unresolvedDependencies(snippet).collect(Collectors.joining(
                ", ", snippet.name() + " cannot be used until there is ", ""));
    }

    private void report(List<Diag> found) {
        var complaints = new Complaints();
        for (Diag each : found) {
            report(each);
            complaints.count(each.isError(), !each.isError());
        }
        complaints.printCounts();
    }

    private void report(Diag found) {
        int place = Math.min(start + (int) Math.max(0, found.getPosition()), code.length());
        int from = code.lastIndexOf('\n', place - 1) + 1;
        int to = code.indexOf('\n', place);
        String[] message = found.getMessage(null).split("\n", 2);
        System.err.println(at(place) + (found.isError() ? "error: " : "warning: ") + message[0]);
        System.err.println(code.substring(from, to < 0 ? code.length() : to));
        System.err.println(" ".repeat(place - from) + "^");
        if (message.length > 1) {
            message[1].lines().filter(line -> !line.matches(" *location: class *"))
                    .forEach(System.err::println);
        }
    }

    private String at(int place) {
        return query + ":" + (Wrapped.newlines(code.substring(0, place)) + 1) + ": ";
    }
}
